import { createHash } from 'node:crypto';
import { ownerOf } from '../access/tenant.js';
import { parseUuid } from '../scalars.js';

/** Names of codes are in a namespace of their own: RFC 9562 wants one for each kind of name. */
const NAMESPACE = Buffer.from('5d2c1a0e8f3b4c6d9e7a2b1c0d3e4f50', 'hex');

/** The UUID (version 5) of a portfolio that is made for a code: the same for the same tenant and code. */
export function idOfCode(tenant: string, code: string): string {
  const digest = createHash('sha1')
    .update(NAMESPACE)
    .update(`${ownerOf(tenant)}\0${code}`)
    .digest();
  digest[6] = (digest[6]! & 0x0f) | 0x50;
  digest[8] = (digest[8]! & 0x3f) | 0x80;
  return digest.toString('hex', 0, 16).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** What a file calls a portfolio, where it did so first. */
export interface CodeRef {
  readonly code: string;
  readonly line: number;
}

/** Finds the ids of codes; of a code that several tenants have, all. */
export type FindCodes = (
  codes: readonly string[],
) => Promise<readonly { readonly code: string; readonly id: string }[]>;

/** The portfolios that a file names by codes, each looked up once. */
export class PortfolioRefs {
  /** Ids by codes; null: unknown, or of several tenants. */
  private readonly ids = new Map<string, string | null>();
  private readonly uuids = new Set<string>();
  private readonly unknown: string[] = [];

  constructor(
    private readonly tenant: string,
    private readonly find: FindCodes,
    private readonly options: {
      /** Whether unknown codes become portfolios. */
      readonly creates: boolean;
      readonly onFault: (ref: CodeRef, rule: string) => void;
    },
  ) {}

  /** The tenant that gets portfolios that are made. */
  get owner(): string {
    return ownerOf(this.tenant);
  }

  /** The codes that portfolios are to be made for. */
  get created(): readonly string[] {
    return this.options.creates ? this.unknown : [];
  }

  /** Every code and its id. */
  get known(): readonly (readonly [code: string, id: string])[] {
    return [...this.ids].filter((entry): entry is [string, string] => entry[1] !== null);
  }

  /** The ids of what stands in a column of UUIDs, in lower case, and codes; null for a code without one. */
  async resolve(
    refs: readonly (string | null)[],
    lines: readonly number[],
  ): Promise<(string | null)[]> {
    const fresh = new Map<string, number>();
    refs.forEach((ref, index) => {
      if (ref === null || this.ids.has(ref) || this.uuids.has(ref) || fresh.has(ref)) return;
      if (parseUuid(ref) === null) fresh.set(ref, lines[index]!);
      else this.uuids.add(ref);
    });
    if (fresh.size > 0) await this.learn(fresh);
    return refs.map((ref) => (ref === null || this.uuids.has(ref) ? ref : this.ids.get(ref)!));
  }

  private async learn(fresh: ReadonlyMap<string, number>): Promise<void> {
    const { creates, onFault } = this.options;
    const found = await this.find([...fresh.keys()]);
    for (const [code, line] of fresh) {
      const [one, another] = found.filter((portfolio) => portfolio.code === code);
      this.ids.set(code, one && !another ? one.id : null);
      if (another) {
        onFault({ code, line }, 'is a code of several tenants: give the UUID');
      } else if (!one) {
        this.unknown.push(code);
        if (creates) this.ids.set(code, idOfCode(this.tenant, code));
        else
          onFault(
            { code, line },
            'is no known portfolio: add --create-portfolios to make it, or import it first with --portfolios',
          );
      }
    }
  }
}
