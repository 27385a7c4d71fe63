import type { GraphQLSchema } from 'graphql';
import { rootTypes } from './guard-schema.js';
import { accessOf } from './required-role.js';
import { ROLES } from './roles.js';

/** What stands around the table in docs/access.md. */
const BEGIN = '<!-- The table of roles: npm run docs -->';
const END = '<!-- End of the table of roles -->';

/** The document with the table as the schema makes it. */
export function withRoleTable(document: string, schema: GraphQLSchema): string {
  const [before = '', rest = ''] = document.split(BEGIN);
  const [, after = ''] = rest.split(END);
  return `${before}${BEGIN}\n\n${roleTable(schema)}\n\n${END}${after}`;
}

/** The fields that each role adds to those of the role before it, as a table in Markdown. */
function roleTable(schema: GraphQLSchema): string {
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
