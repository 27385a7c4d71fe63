import { csvInput } from './csv-input.js';
import { openCsvTarget } from './csv-target.js';
import { Dice } from './dice.js';
import type { FoundFault } from './found-fault.js';

/** Imports the inputs with these numbers. */
export async function fuzzCsv(seed: number, numbers: readonly number[]): Promise<FoundFault[]> {
  if (numbers.length === 0) return [];
  const target = await openCsvTarget();
  const found: FoundFault[] = [];
  for (const number of numbers) {
    const input = csvInput(new Dice(seed, number));
    const fault = await target.take(input);
    if (fault !== null) {
      const shown = [input.portfolios, input.daily].map((file) =>
        file?.subarray(0, 2000).toString('latin1'),
      );
      found.push({ number, fault, input: JSON.stringify(shown) });
    }
  }
  await target.close();
  return found;
}
