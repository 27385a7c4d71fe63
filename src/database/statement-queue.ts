import { ServiceError } from '../errors.js';

/**
 * Counts the statements of requests that wait for a connection, and refuses more than `max`: a
 * queue that grows makes clients wait for the results of clients that have gone.
 */
export class StatementQueue {
  private waiting = 0;

  constructor(private readonly max = Number.POSITIVE_INFINITY) {}

  /** A connection, as soon as there is one. Throws OVERLOADED at once where too many wait. */
  async wait<Connection>(connect: () => Promise<Connection>): Promise<Connection> {
    if (this.waiting >= this.max) {
      throw new ServiceError(
        'OVERLOADED',
        `${this.max} statements wait for the database already: try again in a moment.`,
      );
    }
    this.waiting += 1;
    try {
      return await connect();
    } finally {
      this.waiting -= 1;
    }
  }
}
