/** How long work may begin in a turn of the event loop. */
const TURN_MS = 15;
/** How long work that began in it may go on: to wait in the middle costs it a promise for each field. */
const MAX_TURN_MS = 30;

/**
 * Turns of the event loop, shared by all work that takes long: work begins and goes on at once
 * while the present turn has time left, and else waits in line until the loop has been round, so
 * that requests that came meanwhile are looked at. So nothing else waits longer than a turn and one
 * piece of work, however much is computed and for however many.
 */
export class Turns {
  private readonly line: (() => void)[] = [];
  private startedMs: number | null = null;

  constructor(private readonly clock: () => number = () => performance.now()) {}

  /** For the whole of an operation, behind those that wait already. Undefined: begin at once. */
  begin(): Promise<void> | undefined {
    if (this.startedMs === null) this.start();
    return this.line.length > 0 || this.hasTaken(TURN_MS) ? this.inLine() : undefined;
  }

  /** For a piece of work that began. Undefined: go on at once. */
  next(): Promise<void> | undefined {
    if (this.startedMs === null) this.start();
    return this.hasTaken(MAX_TURN_MS) ? this.inLine() : undefined;
  }

  /** The value, as soon as there is a turn for what is made of it. */
  with<Value>(value: Value): Value | Promise<Value> {
    return this.next()?.then(() => value) ?? value;
  }

  /**
   * A place in the line, also while there is time: for work that is released together with other
   * work, as by the end of a read that many wait for. All of it would request a turn before any of
   * it is done.
   */
  inLine(): Promise<void> {
    if (this.startedMs === null) this.start();
    return new Promise((resolve) => this.line.push(resolve));
  }

  private hasTaken(ms: number): boolean {
    return this.clock() - this.startedMs! >= ms;
  }

  private start(): void {
    this.startedMs = this.clock();
    setImmediate(() => {
      this.startedMs = null;
      if (this.line.length === 0) return;
      this.start();
      this.proceed();
    });
  }

  /** Lets the line proceed, one after the other, until the turn is over. */
  private proceed(): void {
    this.line.shift()!();
    // A tick that a microtask schedules comes when all that was set off is done.
    queueMicrotask(() =>
      process.nextTick(() => {
        if (this.line.length > 0 && !this.hasTaken(TURN_MS)) this.proceed();
      }),
    );
  }
}
