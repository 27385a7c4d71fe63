import type { JSX } from 'preact';
import { DayInput } from '../controls/day-input.js';
import { Segmented } from '../controls/segmented.js';
import { setParameters } from '../shell/router.js';
import { PERIODS, type Period } from './period.js';

/** Which days all charts show. */
export function PeriodControl({ period }: { readonly period: Period }): JSX.Element {
  const { from, to, preset } = period;
  return (
    <>
      <Segmented
        label="Period"
        options={PERIODS}
        value={preset}
        onChange={(name) => setParameters({ period: name, from: undefined, to: undefined })}
      />
      <DayInput label="From" value={from} onChange={(day) => setParameters({ from: day, to })} />
      <DayInput label="To" value={to} onChange={(day) => setParameters({ from, to: day })} />
    </>
  );
}
