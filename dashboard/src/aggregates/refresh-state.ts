import type { RefreshFragment } from '../../../client/src/index.js';

export function isOver({ state }: Pick<RefreshFragment, 'state'>): boolean {
  return state !== 'QUEUED' && state !== 'RUNNING';
}
