/** Receives how far a long piece of work is: `done` of `total`, in any unit; null: of unknown bytes. */
export type Progress = (label: string, done: number, total: number | null) => void;

/** Where a command prints. Standard output is for results, standard error for the rest. */
export interface Output {
  readonly line: (text: string) => void;
  readonly error: (text: string) => void;
  readonly progress: Progress;
}

/** Takes bytes of a file that a command writes; ends when there is room for more. */
export type ByteSink = (bytes: Uint8Array) => Promise<void>;

/** What a process that runs a command for another sends to it, a line of JSON each. */
export type Reply =
  | { readonly type: 'line' | 'error'; readonly text: string }
  | {
      readonly type: 'progress';
      readonly label: string;
      readonly done: number;
      readonly total: number | null;
    }
  | { readonly type: 'bytes'; readonly base64: string }
  | { readonly type: 'exit'; readonly code: number };

/** An output that becomes replies. */
export function createReplyOutput(reply: (message: Reply) => void): Output {
  return {
    line: (text) => reply({ type: 'line', text }),
    error: (text) => reply({ type: 'error', text }),
    progress: (label, done, total) => reply({ type: 'progress', label, done, total }),
  };
}

/**
 * Prints replies, writes their bytes, and returns the exit code of the one that ends them; undefined
 * without one.
 */
export async function printReplies(
  lines: AsyncIterable<string>,
  output: Output,
  sink?: ByteSink,
): Promise<number | undefined> {
  for await (const line of lines) {
    const reply = JSON.parse(line) as Reply;
    switch (reply.type) {
      case 'line':
        output.line(reply.text);
        break;
      case 'error':
        output.error(reply.text);
        break;
      case 'progress':
        output.progress(reply.label, reply.done, reply.total);
        break;
      case 'bytes':
        await sink?.(Buffer.from(reply.base64, 'base64'));
        break;
      case 'exit':
        return reply.code;
    }
  }
  return undefined;
}
