import type { GraphQLSchema } from 'graphql';
import { markdownTable } from '../markdown.js';
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
  return markdownTable([['role', 'fields, besides those of the roles above'], ...rows]);
}
