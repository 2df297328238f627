/* Managing a one-line server that listens. */
import { generateToken, type PerBearerMcpServer, type ServerFactory } from '@tessera-mcp/fastify';

/** What the program around the server knows. */
interface Program<Customer> {
  readonly customer: Customer;
  readonly token: string;
  readonly createServerFor: (customer: Customer) => ReturnType<ServerFactory>;
  readonly createBiggerServerFor: (customer: Customer) => ReturnType<ServerFactory>;
  readonly meter: (toolName: string, duration: number, success: boolean) => unknown;
}

export function manage<Customer>(server: PerBearerMcpServer, program: Program<Customer>): void {
  const { customer, token, createServerFor, createBiggerServerFor, meter } = program;
  //#region manage
  server.addToken(generateToken(), () => createServerFor(customer)); // a customer joins
  server.updateToken(token, () => createBiggerServerFor(customer)); // gets a bigger plan
  server.removeToken(token); // leaves: cut off at once, 401 from now on
  server.on('toolCalled', ({ toolName, duration, success }) => meter(toolName, duration, success));
  //#endregion
}
