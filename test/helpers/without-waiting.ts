import { jest } from '@jest/globals';

/** The longest wait between two tries of a refresh; the driver's own timeouts are longer. */
const MAX_WAIT_MS = 2000;

/** Makes the waits between tries pass at once; they stay as many as they are. */
export function withoutWaiting(): void {
  const real = globalThis.setTimeout;
  const impatient = (work: () => void, ms = 0): NodeJS.Timeout =>
    real(work, ms <= MAX_WAIT_MS ? 0 : ms);
  jest.spyOn(globalThis, 'setTimeout').mockImplementation(impatient);
}
