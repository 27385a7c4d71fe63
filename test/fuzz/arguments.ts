import {
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLInputType,
} from 'graphql';
import type { Dice } from './dice.js';
import { anyString, DAYS, DURATIONS, IDS } from './strings.js';

/** A name of GraphQL in a literal, such as that of an enum's value. */
export class Name {
  constructor(readonly text: string) {}

  /** As JSON, it is a text. */
  toJSON(): string {
    return this.text;
  }
}

/** Something that JSON cannot say, such as NaN, as it is to stand in the text. */
export class Raw {
  constructor(readonly text: string) {}
}

const INTEGERS = [0, 1, -1, 2, 20, 200, 201, 252, 2 ** 31 - 1, -(2 ** 31), 2 ** 31, 2 ** 53, 1e20];
const FLOATS = [0, -0, 0.0001, -0.5, 1, -1, 1e-320, 5e-324, 1e308, -1.7976931348623157e308, 0.1];
const RAW = ['NaN', 'Infinity', '-Infinity', '1e999', '-1e999', '00', '0x10', '1_000', '.5', '5.'];

/** A value for a type, mostly one that fits. */
function anyValue(type: GraphQLInputType, dice: Dice): unknown {
  if (dice.chance(0.03)) return null;
  if (dice.chance(0.06)) return anything(dice, 3);
  return fittingValue(type, dice);
}

/** Values for arguments or for the fields of an input; now and then for one that there is not. */
export function anyValues(
  fields: readonly (GraphQLArgument | GraphQLInputField)[],
  dice: Dice,
): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const field of fields) {
    const isRequired = isNonNullType(field.type) && field.defaultValue === undefined;
    if (dice.chance(isRequired ? 0.98 : 0.5)) values[field.name] = anyValue(field.type, dice);
  }
  if (dice.chance(0.01)) values[dice.pick(['__proto__', 'x', 'id_', 'constructor'])] = 1;
  return values;
}

function fittingValue(type: GraphQLInputType, dice: Dice): unknown {
  if (isNonNullType(type)) return fittingValue(type.ofType, dice);
  if (isListType(type)) return anyList(type.ofType, dice);
  if (isInputObjectType(type)) return anyValues(Object.values(type.getFields()), dice);
  if (isEnumType(type)) {
    return new Name(
      dice.chance(0.95) ? dice.pick(type.getValues()).name : dice.pick(['', 'no', 'DESC', 'true']),
    );
  }
  switch (type.name) {
    case 'Int':
      return dice.chance(0.5) ? 1 + dice.below(50) : dice.pick(INTEGERS);
    case 'Float':
      if (dice.chance(0.05)) return new Raw(dice.pick(RAW));
      return dice.chance(0.5) ? (dice.below(2001) - 1000) / 1e4 : dice.pick(FLOATS);
    case 'Boolean':
      return dice.chance(0.5);
    case 'LocalDate':
      return dice.pick(DAYS);
    case 'UUID':
      return dice.pick(IDS);
    case 'ISO8601Duration':
      return dice.pick(DURATIONS);
    case 'ID':
      return dice.chance(0.7) ? String(dice.below(30)) : anyString(dice);
    default:
      return anyString(dice);
  }
}

function anyList(type: GraphQLInputType, dice: Dice): unknown {
  const length = dice.chance(0.02) ? 300 : dice.below(5);
  const list = Array.from({ length }, () => anyValue(type, dice));
  return dice.chance(0.02) ? deep(list, dice.pick([2, 50, 3000])) : list;
}

/** A value of any type at all. */
function anything(dice: Dice, levels: number): unknown {
  switch (dice.below(levels > 0 ? 9 : 6)) {
    case 0:
      return anyString(dice);
    case 1:
      return dice.pick(INTEGERS);
    case 2:
      return dice.pick(FLOATS);
    case 3:
      return dice.chance(0.5);
    case 4:
      return null;
    case 5:
      return new Raw(dice.pick(RAW));
    case 6:
      return [anything(dice, levels - 1), anything(dice, levels - 1)];
    case 7:
      return { [dice.pick(['id', 'name', 'x'])]: anything(dice, levels - 1) };
    default:
      return deep([], dice.pick([1, 100, 5000]));
  }
}

function deep(inner: unknown, levels: number): unknown {
  let list = inner;
  for (let level = 0; level < levels; level++) list = [list];
  return list;
}
