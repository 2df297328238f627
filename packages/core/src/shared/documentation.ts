/** Where the project's pages live; every error message ends with an address below it. */
export const DOCUMENTATION_URL = 'https://tessera-mcp.github.io/tessera/';
