/** A plugin of GraphQL Code Generator: what the schema says of each metric, for texts on the screen. */
export function plugin(schema) {
  const facts = schema
    .getType('RollingMetric')
    .getValues()
    .map(({ name, description }) => {
      const [, text, windows] = /^(.*) Windows: ([A-Z_, ]+)\.$/s.exec(description);
      return `  ${name}: ${JSON.stringify({ description: text, windows: windows.split(', ') })},`;
    });
  return {
    prepend: ["import type { RollingMetric, RollingWindow } from '../../../client/src/index.js';"],
    content: [
      'export interface MetricFacts {',
      '  /** Formula, unit, source, and when it is null. */',
      '  readonly description: string;',
      '  readonly windows: readonly RollingWindow[];',
      '}',
      '',
      'export const METRIC_FACTS: Readonly<Record<RollingMetric, MetricFacts>> = {',
      ...facts,
      '};',
    ].join('\n'),
  };
}
