/** Express 4, under a name of its own beside Express 5. */
declare module 'express4' {
  export { default } from 'express';
}
