/* Calls what a program of a page serves: `node calls.mjs <url> <token>`. */
import { callWithSdkV1 } from './shared/client-of-sdk-v1.mjs';
import { callWithSdkV2 } from './shared/client-of-sdk-v2.mjs';
import { refusedWithoutToken } from './shared/refused-without-token.mjs';

const [url = '', token = ''] = process.argv.slice(2);
await refusedWithoutToken(url);
await callWithSdkV1(url, token);
await callWithSdkV2(url, token);
