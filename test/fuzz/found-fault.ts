/** An input without a clean response. */
export interface FoundFault {
  /** By which the same seed makes it again. */
  readonly number: number;
  readonly fault: string;
  readonly input: string;
}
