import type { Engine } from '../data/engine.js';
import { createBare } from './bare.js';
import type { Competitor } from './competitor.js';
import { createOurs, createReword } from './ours.js';
import { framedPostgraphile, postgraphile } from './postgraphile.js';

export const WARM = 'warm';
export const COMPUTED = 'computed';
const COLD = 'cold';
export const BARE = 'bare';
const BARE_COLD = 'bare, no cache';
export const POSTGRAPHILE = postgraphile.title;
export const FRAMED = framedPostgraphile.title;

/** This server and the bare one, each with what it keeps in memory and without. */
export const COMPETITORS = {
  warm: { ...createOurs(WARM, {}), isWarmedUp: true },
  computed: { ...createOurs(COMPUTED, {}), isWarmedUp: true, reword: createReword() },
  cold: createOurs(COLD, { SERIES_CACHE_MB: '0' }),
  bare: createBare(BARE, 'on'),
  bareCold: createBare(BARE_COLD, 'off'),
};

/**
 * The competitors in groups; those of one group run at the same time and take turns. The
 * embedded engine's data directory has one owner: there only one at a time can use it, and
 * PostGraphile, a process of another kind, cannot.
 */
export function groupsOf(engine: Engine): readonly (readonly Competitor[])[] {
  const { warm, computed, cold, bare, bareCold } = COMPETITORS;
  return engine.name === 'server'
    ? [[warm, computed, cold, bare, bareCold, postgraphile, framedPostgraphile]]
    : [[bare, warm], [computed], [cold], [bareCold]];
}
