import { readFile } from 'node:fs/promises';
import { arch, cpus, platform, release, totalmem } from 'node:os';
import { join } from 'node:path';
import type { DatabaseVersions } from '../data/prepare-data-set.js';
import { PEERS_DIRECTORY } from '../paths.js';

/** What numbers were measured on. */
export interface BenchEnvironment {
  readonly machine: string;
  readonly cpu: string;
  readonly memoryGiB: number;
  readonly node: string;
  readonly postgresql: string;
  readonly timescaledb: string;
  readonly postgraphile: string;
}

/** Describes this machine and what runs on it. */
export async function readEnvironment(versions: DatabaseVersions): Promise<BenchEnvironment> {
  const processors = cpus();
  const manifest = await readFile(join(PEERS_DIRECTORY, 'package.json'), 'utf8');
  const { dependencies } = JSON.parse(manifest) as { dependencies: Record<string, string> };
  return {
    machine: `${platform()} ${release()} ${arch()}`,
    cpu: `${processors.length} × ${processors[0]?.model.trim() ?? 'unknown'}`,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.versions.node,
    ...versions,
    postgraphile: `${dependencies['postgraphile']} on Node ${dependencies['node']}`,
  };
}
