import { Field, Int, ObjectType } from 'type-graphql';
import { Column, CreateDateColumn, Entity, PrimaryColumn, UpdateDateColumn } from 'typeorm';
import { DEFAULT_TENANT } from '../access/tenant.js';
import { DEFAULT_PERIODS_PER_YEAR } from '../metrics/metrics.js';
import { UUID } from '../scalars.js';

/** A row of portfolios. */
@Entity('portfolios')
@ObjectType({
  description:
    'A portfolio and its rolling metrics. Returns and ratios are decimal fractions: 0.01 is one percent.',
  simpleResolvers: true,
})
export class Portfolio {
  @PrimaryColumn('uuid')
  @Field(() => UUID, { description: 'Identifier, given by the client that created the portfolio.' })
  id!: string;

  @Column('text')
  @Field(() => String, { description: 'Name for people; not unique.' })
  name!: string;

  @Column('text', { nullable: true })
  @Field(() => String, {
    nullable: true,
    description:
      "The owner's key for it, such as a fund code or an account number: unique within its tenant; null where none was given.",
  })
  code!: string | null;

  @Column('text', { name: 'base_currency' })
  @Field(() => String, { description: 'ISO 4217 code of the currency its values are in.' })
  baseCurrency!: string;

  @Column('text', { name: 'benchmark_id', nullable: true })
  @Field(() => String, {
    nullable: true,
    description:
      'Identifier of the benchmark whose returns are recorded with its rows; null for none.',
  })
  benchmarkId!: string | null;

  @Column('integer', { name: 'periods_per_year', default: DEFAULT_PERIODS_PER_YEAR })
  @Field(() => Int, {
    description: `How many of its rows make a year, by which metrics are annualised: ${DEFAULT_PERIODS_PER_YEAR} for business days unless set, 365 for rows of every day, 52 for weekly and 12 for monthly ones.`,
  })
  periodsPerYear!: number;

  @Column('text', { default: DEFAULT_TENANT })
  @Field(() => String, { description: 'Whose it is; callers of other tenants do not see it.' })
  tenant!: string;

  @CreateDateColumn({ type: 'timestamptz', name: 'created_at' })
  createdAt!: Date;

  @UpdateDateColumn({ type: 'timestamptz', name: 'updated_at' })
  updatedAt!: Date;
}
