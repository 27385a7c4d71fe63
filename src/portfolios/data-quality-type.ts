import { Field, ObjectType, registerEnumType } from 'type-graphql';
import { enumOf } from '../aggregates/graphql-types.js';
import { DATA_FAULT_KINDS, type DataFaultKind } from '../metrics/data-quality.js';
import { LocalDate } from '../scalars.js';

const DataQualityKindEnum = enumOf(DATA_FAULT_KINDS);
registerEnumType(DataQualityKindEnum, {
  name: 'DataQualityKind',
  description: 'What looks wrong in rows of a portfolio.',
  valuesConfig: {
    GAP: { description: 'Days without a row on which the portfolio usually has one.' },
    REPEATED_VALUE: { description: 'The same value, or the same return, on ten rows or more.' },
    EXTREME_RETURN: {
      description: 'A return more than ten robust standard deviations from those around it.',
    },
    UNEXPLAINED_VALUE: {
      description:
        'The value moved by more than a tenth of it beyond the return: a deposit or withdrawal, or an error.',
    },
    MISSING_BENCHMARK: {
      description:
        'Five rows or more with a return and without one of the benchmark, though the portfolio has one.',
    },
  },
});

@ObjectType({
  description: 'Something that looks wrong in rows of a portfolio.',
  simpleResolvers: true,
})
export class DataQualityFinding {
  @Field(() => DataQualityKindEnum, { description: 'What it is.' })
  kind!: DataFaultKind;

  @Field(() => LocalDate, { description: 'First day that it concerns.' })
  from!: string;

  @Field(() => LocalDate, { description: 'Last day that it concerns.' })
  to!: string;

  @Field(() => String, { description: 'It with the days and figures, for people.' })
  sentence!: string;
}
