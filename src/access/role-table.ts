import type { GraphQLSchema } from 'graphql';
import { rootTypes } from './guard-schema.js';
import { accessOf } from './required-role.js';
import { ROLES } from './roles.js';

/** The fields that each role adds to those of the role before it, as a table in Markdown. */
export function roleTable(schema: GraphQLSchema): string {
  const rows = ROLES.map((role) => [
    `\`${role}\``,
    rootTypes(schema)
      .flatMap((type) =>
        Object.keys(type.getFields())
          .filter((field) => accessOf(type, field)?.role === role)
          .toSorted()
          .map((field) => `\`${type.name}.${field}\``),
      )
      .join(', '),
  ]);
  const table = [['role', 'fields, beside those of the roles above'], ...rows];
  const widths = [0, 1].map((column) => Math.max(...table.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`;
  const [head = [], ...body] = table;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('\n');
}
