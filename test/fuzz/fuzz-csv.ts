import { csvInput } from './csv-input.js';
import { modelInput } from './csv-model.js';
import { openCsvTarget } from './csv-target.js';
import { Dice } from './dice.js';
import type { FoundFault } from './found-fault.js';

/** So many of the files have an outcome that is known before; it depends on those before it. */
const KNOWN_SHARE = 0.5;

/** Imports the inputs with these numbers. */
export async function fuzzCsv(seed: number, numbers: readonly number[]): Promise<FoundFault[]> {
  if (numbers.length === 0) return [];
  const target = await openCsvTarget();
  const found: FoundFault[] = [];
  for (const number of numbers) {
    const dice = new Dice(seed, number);
    if (dice.chance(KNOWN_SHARE)) {
      const input = modelInput(dice);
      const fault = await target.takeKnown(input);
      const shown = JSON.stringify([input.portfoliosText, input.text]);
      if (fault !== null) found.push({ number, fault, input: shown });
      continue;
    }
    const input = csvInput(dice);
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
