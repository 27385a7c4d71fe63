import { startService } from '../load/service.js';
import { BARE_SERVER_FILE } from '../paths.js';
import { workloadOf, type WorkloadName } from '../workloads.js';
import type { Competitor } from './competitor.js';

const PATHS: Readonly<Partial<Record<WorkloadName, string>>> = {
  tile: '/tile',
  blotter: '/blotter',
  chart1y: '/chart',
  chart4y: '/chart',
  dashboard: '/dashboard',
  ranking: '/ranking',
  conditional: '/tile',
  recording: '/tile',
  recordingSame: '/tile',
};

/** The bare server: the limit. */
export function createBare(title: string, cache: 'on' | 'off'): Competitor {
  return {
    title,
    isInMemory: cache === 'on',
    start: (environment) =>
      startService({
        command: [process.execPath, BARE_SERVER_FILE],
        environment: { ...environment, BARE_CACHE: cache },
      }),
    request(workload, portfolioIds) {
      const path = PATHS[workload];
      if (path === undefined) return null;
      const query = `ids=${portfolioIds.join(',')}`;
      const { from, to } = workloadOf(workload).range;
      return { method: 'GET', path: `${path}?${query}&from=${from}&to=${to}` };
    },
    read: (_workload, response) => response,
  };
}
