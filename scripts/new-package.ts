/*
 * Makes a package of the project from its template: `pnpm new:package adapter-koa`. The new adapter stands on the Node
 * bridge and passes the conformance suite from the first minute; what is left is the framework itself.
 */
import { copyTemplate, nextSteps } from './new-package/copy-template.js';
import { ROOT } from './run.js';

try {
  const [name = ''] = process.argv.slice(2);
  const made = await copyTemplate({ name, root: ROOT });
  console.log(nextSteps(made));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
