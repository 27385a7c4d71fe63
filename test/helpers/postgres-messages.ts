/** A message of the PostgreSQL protocol: its type, '' for the first of a client, and its bytes. */
export interface PostgresMessage {
  readonly type: string;
  /** All of it, type and length included. */
  readonly bytes: Buffer;
  /** What it holds. */
  readonly body: Buffer;
}

/** Cuts one direction of a connection into its messages. */
export class MessageReader {
  private rest: Buffer = Buffer.alloc(0);

  /** A client's first message has no type. */
  constructor(private isFirst: boolean) {}

  /** The messages that are whole with this chunk. */
  read(chunk: Buffer): PostgresMessage[] {
    this.rest = Buffer.concat([this.rest, chunk]);
    const messages: PostgresMessage[] = [];
    for (;;) {
      const start = this.isFirst ? 0 : 1;
      if (this.rest.length < start + 4) return messages;
      const length = start + this.rest.readInt32BE(start);
      if (this.rest.length < length) return messages;
      const bytes = this.rest.subarray(0, length);
      messages.push({
        type: bytes.subarray(0, start).toString('latin1'),
        bytes,
        body: bytes.subarray(start + 4),
      });
      this.rest = this.rest.subarray(length);
      this.isFirst = false;
    }
  }
}

/** The texts of a message that end with a zero each. */
export function textsOf({ body }: PostgresMessage): string[] {
  return body.toString('utf8').split('\0');
}

function message(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write(type, 'latin1');
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

/** What a server says of an error. */
export function errorResponse(sqlState: string, severity: 'ERROR' | 'FATAL'): Buffer {
  const fields = [`S${severity}`, `V${severity}`, `C${sqlState}`, `Minjected ${sqlState}`];
  return message('E', Buffer.from(`${fields.join('\0')}\0\0`));
}

/** The server waits for statements: outside transactions, or in one that has failed. */
export function readyForQuery(status: 'I' | 'E'): Buffer {
  return message('Z', Buffer.from(status));
}

/** A statement without parameters. */
export function query(sql: string): Buffer {
  return message('Q', Buffer.from(`${sql}\0`));
}
