import { Ctx, Field, ObjectType, Query, registerEnumType, Resolver } from 'type-graphql';
import { Allow } from './allow.js';
import type { AccessContext } from './audited.js';
import { ROLES, type Role } from './roles.js';

type RoleName = Uppercase<Role>;

const ROLE_DESCRIPTIONS: Readonly<Record<RoleName, string>> = {
  READER: 'Reads.',
  WRITER: 'Reads, and changes portfolios and rows.',
  OPERATOR: 'Does all that a writer does, and refreshes.',
};

const nameOf = (role: Role): RoleName => role.toUpperCase() as RoleName;

/** An enum whose values are their own names. */
const RoleEnum = Object.fromEntries(ROLES.map((role) => [nameOf(role), nameOf(role)]));
registerEnumType(RoleEnum, {
  name: 'Role',
  description: 'What a caller may do: each role includes those before it.',
  valuesConfig: Object.fromEntries(
    ROLES.map(nameOf).map((name) => [name, { description: ROLE_DESCRIPTIONS[name] }]),
  ),
});

@ObjectType('Caller', { description: 'The sender of a request.', simpleResolvers: true })
class CallerType {
  @Field(() => String, {
    description:
      'Its name in the log: key:NAME, jwt:SUBJECT, jwt for a token without a subject, local for a command at the database, anybody where no credential is required.',
  })
  name!: string;

  @Field(() => RoleEnum, { description: 'What it may do.' })
  role!: RoleName;

  @Field(() => String, {
    description: 'The one tenant whose portfolios exist for it; * for all.',
  })
  tenant!: string;
}

@Resolver()
export class CallerResolver {
  @Allow('reader')
  @Query(() => CallerType, {
    description: 'Who the server takes the sender of this request for, and what it may do.',
  })
  caller(@Ctx() { caller }: Pick<AccessContext, 'caller'>): CallerType {
    return { ...caller, role: nameOf(caller.role) };
  }
}
