/**
 * What was written to one portfolio: every batch gives all its returns its own number, or prices
 * from which they are computed.
 */
export interface Ledger {
  readonly portfolioId: string;
  /** Rows with a return. */
  readonly rows: number;
  /** The last batch that was sent. */
  sent: number;
  /** The last batch that the server said it has. */
  acknowledged: number;
}

export function createLedger(portfolioId: string, rows: number): Ledger {
  return { portfolioId, rows, sent: 0, acknowledged: 0 };
}

/** What is stored of a portfolio. */
export interface Stored {
  readonly rows: number;
  readonly least: number | null;
  readonly greatest: number | null;
}

/** What is wrong with what is stored; null when nothing is lost and nothing is half there. */
export function faultOf(
  { portfolioId, rows, sent, acknowledged }: Ledger,
  stored: Stored,
): string | null {
  const number = stored.least ?? 0;
  const where = `of portfolio ${portfolioId}, sent up to ${sent}, acknowledged up to ${acknowledged}: stored is ${JSON.stringify(stored)}`;
  if (stored.least !== stored.greatest) return `a batch is half there, ${where}`;
  if (stored.rows !== (number === 0 ? 0 : rows)) return `rows are missing, ${where}`;
  if (number < acknowledged) return `an acknowledged batch is lost, ${where}`;
  if (number > sent) return `a batch that was never sent is there, ${where}`;
  return null;
}
