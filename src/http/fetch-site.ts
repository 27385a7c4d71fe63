import type { IncomingHttpHeaders } from 'node:http';

/** Which site's page a browser sends a request for; no page can write this header. Programs and old browsers send none. */
const HEADER = 'sec-fetch-site';

/** Whether the browser states that a page of this very server sends the request. */
export function isFromOwnPage(headers: IncomingHttpHeaders): boolean {
  return headers[HEADER] === 'same-origin';
}

/** Whether a page of another site makes a browser send the request in the background. */
export function isFromOtherPage(headers: IncomingHttpHeaders): boolean {
  const site = headers[HEADER];
  const isOther = site === 'cross-site' || site === 'same-site';
  return isOther && headers['sec-fetch-mode'] !== 'navigate';
}
