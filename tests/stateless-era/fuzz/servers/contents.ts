/** What all fixture servers say of themselves. */
export const INFO = { name: 'fuzzed', version: '1.2.3' };

/** Addresses of resources; the last one becomes another text when it is parsed as an address. */
export const URIS = ['memo://static', 'memo://public', 'memo://broken', 'memo://gone', 'memo://static/grüße'];

/** The contents of a resource. */
export const contentsOf = (uri: URL): { contents: { uri: string; text: string }[] } => ({
  contents: [{ uri: uri.href, text: `contents of ${uri.href}` }],
});

/** The contents of a resource that is not text. */
export const blobOf = (uri: URL): { contents: { uri: string; mimeType: string; blob: string }[] } => ({
  contents: [{ uri: uri.href, mimeType: 'application/octet-stream', blob: 'AAECAw==' }],
});

/** The messages of a prompt. */
export const promptOf = (
  text: string,
): { messages: { role: 'user'; content: { type: 'text'; text: string } }[] } => ({
  messages: [{ role: 'user', content: { type: 'text', text } }],
});

/** What an argument can be completed to. */
export const completionsOf = (typed: string | undefined): string[] =>
  ['german', 'greek', 'polish'].filter((language) => language.startsWith(typed ?? ''));

/** What the template lists. */
export const PAGES = {
  resources: [
    { uri: 'memo://page/1', name: 'page 1' },
    { uri: 'memo://page/2', name: 'page 2' },
  ],
};
