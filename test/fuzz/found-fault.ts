/** An input that was not answered cleanly. */
export interface FoundFault {
  /** By which the same seed makes it again. */
  readonly number: number;
  readonly fault: string;
  readonly input: string;
}
