import type { Readable } from 'node:stream';

/** A file as it is read, wherever it is: on this machine, or sent by a client. */
export interface ImportFile {
  /** For messages. */
  readonly name: string;
  readonly content: Readable;
}

/** Gives a file when its turn to be read has come. */
export type OpenImportFile = () => Promise<ImportFile>;
