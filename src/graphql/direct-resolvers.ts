import {
  getNamedType,
  isInputObjectType,
  isObjectType,
  type GraphQLFieldResolver,
  type GraphQLSchema,
} from 'graphql';

/** What type-graphql keeps, for any number of copies of itself. */
type Storage = typeof globalThis.TypeGraphQLMetadataStorage;
type Handler = Storage['queries'][number] | Storage['fieldResolvers'][number];
type Parameter = NonNullable<Handler['params']>[number];

type Methods = Readonly<Record<string, (...args: unknown[]) => unknown>>;
type Resolver = GraphQLFieldResolver<unknown, unknown>;

/**
 * Has the fields of Query, and those with a resolver of their own, call their methods directly:
 * type-graphql makes promises for each argument of each call, to validate what is validated
 * already, which takes longer than the method. Fields that take an input object stay as they are.
 */
export function callDirectly(schema: GraphQLSchema): void {
  const { queries, fieldResolvers, objectTypes } = globalThis.TypeGraphQLMetadataStorage;
  const instances = new Map<unknown, Methods>();
  const direct = (typeName: string | undefined, handler: Handler): void => {
    const type = typeName === undefined ? undefined : schema.getType(typeName);
    const field = isObjectType(type) ? type.getFields()[handler.schemaName] : undefined;
    if (!field || handler.middlewares?.length) return;
    if (field.args.some((arg) => isInputObjectType(getNamedType(arg.type)))) return;
    const instance = instances.get(handler.target) ?? instanceOf(handler);
    instances.set(handler.target, instance);
    field.resolve = directResolver(handler, instance) ?? field.resolve!;
  };
  for (const handler of queries) direct('Query', handler);
  for (const handler of fieldResolvers) {
    // One that is not in a class of resolvers is a method of the object itself.
    if (handler.kind === 'internal') continue;
    const target: unknown = handler.getObjectType?.();
    direct(objectTypes.find((type) => type.target === target)?.name, handler);
  }
}

function instanceOf({ target }: Handler): Methods {
  return new (target as new () => Methods)();
}

/** Undefined where a parameter is of a kind that only type-graphql knows. */
function directResolver(
  { params = [], methodName }: Handler,
  instance: Methods,
): Resolver | undefined {
  const readers = params.toSorted((a, b) => a.index - b.index).map(readerOf);
  const known = readers.flatMap((reader) => reader ?? []);
  if (known.length < params.length) return undefined;
  const method = instance[methodName]!;
  return (root, args, context, info) =>
    method.apply(
      instance,
      known.map((read) => read(root, args, context, info)),
    );
}

type Reader = (...call: Parameters<Resolver>) => unknown;

function readerOf(parameter: Parameter): Reader | undefined {
  switch (parameter.kind) {
    case 'root':
      return parameter.propertyName === undefined ? (root) => root : undefined;
    case 'context':
      return parameter.propertyName === undefined ? (_root, _args, context) => context : undefined;
    case 'arg':
      return (_root, args: Readonly<Record<string, unknown>>) => args[parameter.name];
    case 'info':
      return (_root, _args, _context, info) => info;
    default:
      return undefined;
  }
}
