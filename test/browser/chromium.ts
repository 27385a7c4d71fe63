import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';

const EXECUTABLE = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // No name resolves: a page that needs another host shows it.
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
];

export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: EXECUTABLE, args: FLAGS });
}

/** A page that remembers what must not happen. */
export interface WatchedPage {
  readonly page: Page;
  /** Errors on the console and exceptions, and requests to other hosts. */
  readonly faults: string[];
  close(): Promise<void>;
}

/** Opens an address in a context of its own; `script` runs before those of the page. */
export async function open(
  browser: Browser,
  url: string,
  { script, ...options }: BrowserContextOptions & { readonly script?: string } = {},
): Promise<WatchedPage> {
  const context = await browser.newContext({ reducedMotion: 'reduce', ...options });
  if (script !== undefined) await context.addInitScript(script);
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') faults.push(message.text());
  });
  page.on('pageerror', (error) => faults.push(String(error.stack)));
  const { host } = new URL(url);
  const noteHost = (address: string): void => {
    const { host: requested, protocol } = new URL(address);
    if (protocol !== 'blob:' && requested !== host) faults.push(`request to ${address}`);
  };
  page.on('request', (request) => noteHost(request.url()));
  page.on('websocket', (socket) => noteHost(socket.url()));
  await page.goto(url);
  return { page, faults, close: () => context.close() };
}
