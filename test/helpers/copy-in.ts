import { Query, type ClientBase } from 'pg';

/** What pg's own types leave out of a connection. */
interface CopyConnection {
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
}

/** `COPY … FROM STDIN`, as `psql` sends it: pg itself has nothing to send. */
class CopyIn extends Query {
  constructor(
    sql: string,
    private readonly input: string,
    done: (error: Error | undefined) => void,
  ) {
    super(sql, undefined, done);
  }

  handleCopyInResponse(connection: CopyConnection): void {
    connection.sendCopyFromChunk(Buffer.from(this.input));
    connection.endCopyFrom();
  }
}

/** Runs a statement that copies rows from a client, with the input that it sends. */
export function copyIn(client: ClientBase, sql: string, input: string): Promise<void> {
  return new Promise((resolve, reject) => {
    client.query(new CopyIn(sql, input, (error) => (error ? reject(error) : resolve())));
  });
}
