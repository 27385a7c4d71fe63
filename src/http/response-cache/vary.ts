import type { FastifyReply } from 'fastify';

/** Adds to the request headers that a response depends on. */
export function addVary(reply: FastifyReply, names: readonly string[]): void {
  const present = String(reply.getHeader('vary') ?? '').split(/, */);
  const others = present.filter((name) => name !== '' && !names.includes(name));
  reply.header('vary', [...others, ...names].join(', '));
}
