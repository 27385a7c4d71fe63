/** Closes what was opened, last in first out. Every step runs, whatever fails; the first failure is thrown. */
export class Lifecycle {
  private readonly closers: (() => Promise<void> | void)[] = [];

  /** Registers how to close what was just opened. */
  onClose(closer: () => Promise<void> | void): void {
    this.closers.push(closer);
  }

  async close(): Promise<void> {
    const failures: unknown[] = [];
    for (let closer = this.closers.pop(); closer; closer = this.closers.pop()) {
      try {
        await closer();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}
