import type { Socket } from 'node:net';

/** The longest command, room for a long query. */
const MAX_LINE = 8_388_608;
const NEWLINE = 0x0a;

/**
 * The first line that comes through a socket, which is paused behind it; null where the socket
 * ends before.
 */
export function firstLine(socket: Socket): Promise<string | null> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const done = (line: string | null): void => {
      socket.off('data', take).off('close', end).off('end', end);
      resolve(line);
    };
    const end = (): void => done(null);
    const take = (chunk: Buffer): void => {
      const at = chunk.indexOf(NEWLINE);
      chunks.push(at < 0 ? chunk : chunk.subarray(0, at));
      length += chunk.length;
      if (length > MAX_LINE) {
        socket.destroy();
      } else if (at >= 0) {
        socket.pause();
        done(Buffer.concat(chunks).toString('utf8'));
        if (at + 1 < chunk.length) socket.unshift(chunk.subarray(at + 1));
      }
    };
    socket.on('data', take).once('close', end).once('end', end);
  });
}
