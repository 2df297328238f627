/** Where a running server can be reached. */
export interface ServerInfo {
  port: number;
  /** Address of the MCP endpoint. */
  url: string;
  host: string;
  endpoint: string;
  startedAt: Date;
}
