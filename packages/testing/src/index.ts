export { inMemoryFetch, TEST_URL, type InMemoryFetch, type InMemoryFetchOptions } from './in-memory-fetch.js';
