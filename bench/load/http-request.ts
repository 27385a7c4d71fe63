/** A request, without the address of the server. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What every client accepts: a response in another form is another entry of a cache. */
const FORM = { accept: 'application/json', 'accept-encoding': 'identity' };

/** The heads that a request is sent with. */
export function headersOf({ headers }: HttpRequest): Record<string, string> {
  return { ...FORM, ...headers };
}

/** Sends one request. Throws where the response has another status than 200 or 304. */
export async function send(origin: string, request: HttpRequest): Promise<Response> {
  const { method, path, body = null } = request;
  const headers = headersOf(request);
  const response = await fetch(new URL(path, origin), { method, headers, body });
  if (response.status !== 200 && response.status !== 304) {
    const text = (await response.text()).slice(0, 500);
    throw new Error(
      `${method} ${origin}${path.slice(0, 200)} responded with ${response.status}: ${text}`,
    );
  }
  return response;
}
