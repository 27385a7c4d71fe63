import { on, type EventEmitter } from 'node:events';
import { buildSchema, type GraphQLFieldConfig, type GraphQLSchema } from 'graphql';
import { badUserInput } from '../../src/errors.js';

type Field = Partial<Pick<GraphQLFieldConfig<unknown, { n: number }>, 'resolve' | 'subscribe'>>;

const SDL = `
  type Query {
    hello: String
    fails: String
    refuses: String
  }

  type Mutation {
    touch: String
  }

  type Subscription {
    "From 1 to the given number."
    numbers(to: Int!): Int!
    "For each event how many contexts were made since it was requested."
    contexts: Int!
    "The events of the emitter."
    heard: Int!
    "One event, then a failure of the source."
    breaks: Int!
    failsToStart: Int!
    refuses: Int!
    failsToResolve: Int
  }
`;

const fail = (): never => {
  throw new Error('a secret');
};
const refuse = (): never => {
  throw badUserInput('viewName must be polite');
};
const itself = (value: unknown): unknown => value;

/** A schema to try the transport with; \`heard\` gives the numbers emitted as "heard". */
export function createTestSchema(events: EventEmitter): GraphQLSchema {
  const schema = buildSchema(SDL);
  Object.entries<Field>({
    hello: { resolve: async () => 'world' },
    fails: { resolve: fail },
    refuses: { resolve: refuse },
  }).forEach(([name, field]) => Object.assign(schema.getQueryType()!.getFields()[name]!, field));
  Object.entries<Field>({
    numbers: {
      async *subscribe(_source, { to }: { to: number }) {
        for (let number = 1; number <= to; number += 1) yield number;
      },
      resolve: itself,
    },
    contexts: {
      async *subscribe(_source, _arguments, { n }) {
        yield n;
        yield n;
      },
      resolve: (first, _arguments, { n }) => n - (first as number),
    },
    heard: {
      subscribe: () => on(events, 'heard'),
      resolve: (event) => (event as [number])[0],
    },
    breaks: {
      async *subscribe() {
        yield 1;
        fail();
      },
      resolve: itself,
    },
    failsToStart: { subscribe: fail },
    refuses: { subscribe: refuse },
    failsToResolve: {
      async *subscribe() {
        yield 1;
      },
      resolve: fail,
    },
  }).forEach(([name, field]) =>
    Object.assign(schema.getSubscriptionType()!.getFields()[name]!, field),
  );
  return schema;
}
