import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { Failure, messageOf } from '../errors.js';
import type { ImportFiles } from '../ingest/import-files.js';
import { settingsTexts, type ImportSettings } from '../ingest/import-settings.js';
import { printReplies, type Output } from '../progress.js';
import { endpointOf, reasonOf, type HttpTarget } from './http-executor.js';
import { toMultipart } from './import-sources.js';

/** Sends files to a server that imports them, prints what it says and returns the exit code. */
export async function sendImport(
  { url, token }: Omit<HttpTarget, 'url'> & { readonly url: string },
  files: ImportFiles,
  settings: ImportSettings,
  output: Output,
): Promise<number> {
  const address = new URL('import', endpointOf(url));
  address.search = new URLSearchParams(settingsTexts(settings)).toString();
  const { contentType, body } = toMultipart(files);
  let unreadable: Error | undefined;
  body.once('error', (error) => (unreadable = error));
  const request = {
    method: 'POST',
    headers: {
      'content-type': contentType,
      accept: 'application/x-ndjson, application/json',
      'apollo-require-preflight': 'true',
      ...(token ? { authorization: `Bearer ${token}` } : {}),
    },
    body,
    duplex: 'half',
    redirect: 'manual',
  };
  try {
    // The types of fetch know neither a stream of Node.js as a body nor how it is sent.
    const response = await fetch(address, request as unknown as RequestInit);
    if (!response.ok) throw new Failure(await refusalOf(response, address.href));
    const lines = createInterface({
      input: Readable.fromWeb(response.body as unknown as ReadableStream),
    });
    const code = await printReplies(lines, output);
    if (code !== undefined) return code;
    throw new Failure(`The connection to ${address.href} ended before the import did.`);
  } catch (error) {
    if (unreadable) throw new Failure(`The file cannot be read: ${messageOf(unreadable)}`);
    if (error instanceof Failure) throw error;
    throw new Failure(`No response from ${address.href}: ${reasonOf(error)}`);
  } finally {
    body.destroy();
  }
}

/** The sentence of a response that refuses an import or an export. */
export async function refusalOf(response: Response, address: string): Promise<string> {
  const { status, statusText } = response;
  const text = await response.text();
  try {
    const { errors } = JSON.parse(text) as { errors: readonly { message: string }[] };
    return errors.map(({ message }) => message).join('\n');
  } catch {
    return `${address} responded with ${status} ${statusText}. Check the address.`;
  }
}
