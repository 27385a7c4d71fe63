import type { FastifyReply } from 'fastify';

/** Says of an answer that it hangs on these parts of the request's head, beside those said before. */
export function addVary(reply: FastifyReply, names: readonly string[]): void {
  const said = String(reply.getHeader('vary') ?? '').split(/, */);
  const others = said.filter((name) => name !== '' && !names.includes(name));
  reply.header('vary', [...others, ...names].join(', '));
}
