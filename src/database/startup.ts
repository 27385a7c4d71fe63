/** What the first message of a PostgreSQL client has after its length: the protocol's version, 3.0. */
const PROTOCOL = 196_608;
const TERMINATE = 'X'.charCodeAt(0);
/** The SQLSTATE of a client that may not connect: invalid authorization specification. */
const REFUSED = '28000';

/**
 * The response to what a client says of its connection and not to the database: its startup and
 * its end. Undefined for every other message.
 *
 * The engine never gets these: it would request a password, and take the next statement of any
 * client for it. Only clients that give `user` are admitted. The engine has one session: a client
 * that changed a setting or left a transaction open would do so for all of them.
 */
export function respondToConnection(message: Uint8Array, user: string): Uint8Array | undefined {
  const bytes = Buffer.from(message.buffer, message.byteOffset, message.byteLength);
  if (bytes.length >= 8 && bytes.readInt32BE(4) === PROTOCOL) {
    const [name, value] = bytes.toString('utf8', 8).split('\0');
    return name === 'user' && value === user ? ADMISSION : refusal();
  }
  return bytes[0] === TERMINATE ? new Uint8Array() : undefined;
}

/** AuthenticationOk, and ReadyForQuery outside a transaction. */
const ADMISSION = Buffer.concat([response('R', Buffer.alloc(4)), response('Z', Buffer.from('I'))]);

function refusal(): Buffer {
  const sentence = `This is the embedded database of process ${process.pid}, which has one session and serves that process alone. Use its GraphQL API or its commands (rolling-metrics --help), or a TimescaleDB server (DATABASE_URL), which other clients can use as well.`;
  const fields = ['SFATAL', 'VFATAL', `C${REFUSED}`, `M${sentence}`, '\0'];
  return response('E', Buffer.from(fields.join('\0')));
}

function response(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write(type, 'latin1');
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}
