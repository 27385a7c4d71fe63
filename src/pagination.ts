import { Field, ObjectType } from 'type-graphql';
import { badUserInput } from './errors.js';

/** The maximum number of rows of a page. */
export const MAX_FIRST = 200;

@ObjectType({
  description: 'Where a page stands in its list (GraphQL Cursor Connections, forward only).',
  simpleResolvers: true,
})
export class PageInfo {
  @Field(() => Boolean, { description: 'Whether more follow after endCursor.' })
  hasNextPage!: boolean;

  @Field(() => Boolean, { description: 'Whether the page was requested with `after`.' })
  hasPreviousPage!: boolean;

  @Field(() => String, {
    nullable: true,
    description: 'Cursor of the first edge; null for an empty page.',
  })
  startCursor!: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Cursor of the last edge; null for an empty page.',
  })
  endCursor!: string | null;
}

/** A row of a page, and its place, which is made when it is selected. */
export class Edge<Node> {
  constructor(
    readonly node: Node,
    private readonly keyOf: (node: Node) => readonly unknown[],
  ) {}

  get cursor(): string {
    return encodeCursor(this.keyOf(this.node));
  }
}

/** A page made of `first + 1` rows or fewer: the row too many says that more follow. */
export function pageOf<Node>(
  rows: readonly Node[],
  first: number,
  after: string | null,
  keyOf: (node: Node) => readonly unknown[],
): { edges: Edge<Node>[]; pageInfo: PageInfo } {
  const edges = rows.slice(0, first).map((node) => new Edge(node, keyOf));
  return {
    edges,
    pageInfo: {
      hasNextPage: rows.length > first,
      hasPreviousPage: after !== null,
      get startCursor() {
        return edges.at(0)?.cursor ?? null;
      },
      get endCursor() {
        return edges.at(-1)?.cursor ?? null;
      },
    },
  };
}

/** Throws BAD_USER_INPUT unless `first` is a page size. */
export function checkFirst(first: number): void {
  if (first < 1 || first > MAX_FIRST) {
    throw badUserInput(`first must be from 1 to ${MAX_FIRST}, but got ${first}`);
  }
}

/**
 * The key behind a cursor: as many texts as there are checks, each of which must pass.
 * BAD_USER_INPUT when it is no cursor of the list.
 */
export function decodeCursor(
  after: string,
  checks: readonly ((part: string) => boolean)[],
): string[] {
  try {
    const key: unknown = JSON.parse(Buffer.from(after, 'base64url').toString('utf8'));
    if (Array.isArray(key) && key.length === checks.length) {
      if (key.every((part, index) => typeof part === 'string' && checks[index]!(part))) return key;
    }
  } catch {
    // Falls through: text that does not decode is no cursor.
  }
  throw badUserInput(`after must be a cursor that this list gave, but got "${after}"`);
}

function encodeCursor(key: readonly unknown[]): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}
