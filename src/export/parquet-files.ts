import { mkdtemp, open, rm, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Dependencies } from '../aggregates/revisions/dependencies.js';
import type { Revisions } from '../aggregates/revisions/revisions.js';
import { writeParquetFile, type ParquetFile } from './parquet-file.js';
import type { Table } from './table.js';

/** How long a file is cached after its last use, for a client that reads it in parts. */
const KEEP_MS = 120_000;
/** The maximum number of bytes that files take on the disk; the one used last stays in any case. */
const MAX_BYTES = 2_147_483_648;
/** How old a file may be whose parts are requested: a reader has them all by then. */
const MAX_AGE_MS = 600_000;

interface CachedFile extends ParquetFile {
  readonly path: string;
  readonly dependencies: Dependencies;
  readonly timer: NodeJS.Timeout;
  /** On the monotonic clock, in milliseconds. */
  readonly madeAt: number;
}

/** A file that is open for one reader; it can be read to its end also where it is removed meanwhile. */
export interface OpenFile extends ParquetFile {
  readonly handle: FileHandle;
  /** Whether all that it was made of is unchanged. */
  readonly isCurrent: boolean;
}

/**
 * Exports as Parquet files. The end of such a file says where its parts are, so readers request its
 * length and its end first: it is written to a temporary file, whole, before the response begins,
 * and cached for the requests for its parts. On disk, because memory would bound its size.
 */
export class ParquetFiles {
  /** By the request's parameters and the caller's tenant, the one used last at the end. */
  private readonly cached = new Map<string, CachedFile>();
  private folder: Promise<string> | undefined;
  private count = 0;

  constructor(
    private readonly revisions: Revisions,
    private readonly keepMs = KEEP_MS,
    private readonly maxBytes = MAX_BYTES,
    private readonly maxAgeMs = MAX_AGE_MS,
  ) {}

  /** The file that was made last for the key, whose rows may have changed since; undefined for none, or an old one. */
  async findLast(key: string, signal: AbortSignal): Promise<OpenFile | undefined> {
    const file = this.cached.get(key);
    if (!file || performance.now() - file.madeAt > this.maxAgeMs) return undefined;
    return this.openCached(key, file, await this.isCurrent(file, signal));
  }

  /** The file that was made last for the key, where all that it was made of is unchanged. */
  async findCurrent(key: string, signal: AbortSignal): Promise<OpenFile | undefined> {
    const file = this.cached.get(key);
    return file && (await this.isCurrent(file, signal))
      ? this.openCached(key, file, true)
      : undefined;
  }

  private async isCurrent({ dependencies }: CachedFile, signal: AbortSignal): Promise<boolean> {
    await this.revisions.current(signal);
    return dependencies.isCurrent(this.revisions.latest!, this.revisions);
  }

  /** Writes a file and keeps it for the key. */
  async make(key: string, table: Table, dependencies: Dependencies): Promise<OpenFile> {
    this.folder ??= mkdtemp(join(tmpdir(), 'portfolio-metrics-exports-'));
    const path = join(await this.folder, `${(this.count += 1)}.parquet`);
    try {
      const written = await writeParquetFile(path, table);
      dependencies.complete();
      const timer = setTimeout(() => this.remove(key), this.keepMs).unref();
      this.remove(key);
      this.cached.set(key, { ...written, path, dependencies, timer, madeAt: performance.now() });
      this.makeRoom();
      return { ...written, isCurrent: true, handle: await open(path) };
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    }
  }

  /** Removes all files. */
  async close(): Promise<void> {
    for (const key of this.cached.keys()) this.remove(key);
    if (this.folder) await rm(await this.folder, { recursive: true, force: true });
  }

  private async openCached(key: string, file: CachedFile, isCurrent: boolean): Promise<OpenFile> {
    file.timer.refresh();
    this.cached.delete(key);
    this.cached.set(key, file);
    const { bytes, digest } = file;
    return { bytes, digest, isCurrent, handle: await open(file.path) };
  }

  private makeRoom(): void {
    let bytes = [...this.cached.values()].reduce((sum, file) => sum + file.bytes, 0);
    for (const [key, file] of this.cached) {
      if (bytes <= this.maxBytes || this.cached.size === 1) return;
      bytes -= file.bytes;
      this.remove(key);
    }
  }

  private remove(key: string): void {
    const file = this.cached.get(key);
    if (!file) return;
    clearTimeout(file.timer);
    this.cached.delete(key);
    void rm(file.path, { force: true });
  }
}
