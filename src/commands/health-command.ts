import type { HealthStatus } from '../aggregates/status/health.js';
import { printJson, type ClientContext } from './client-context.js';
import { requestData } from './executor.js';
import { statusColor } from './status-color.js';

export const HEALTH_QUERY = `query Health {
  health {
    status
    checkedAt
    issues
    warnings
    aggregates {
      viewName
      status
      issues
      warnings
    }
  }
}`;

interface HealthData {
  readonly health: {
    readonly status: HealthStatus;
    readonly checkedAt: string;
    readonly issues: readonly string[];
    readonly warnings: readonly string[];
  };
}

/** What a monitor such as Nagios reads off the exit code. */
const EXIT_CODES: Readonly<Record<HealthStatus, number>> = { HEALTHY: 0, WARNING: 1, DEGRADED: 2 };
/** The exit code where the health could not be found out: Nagios calls it UNKNOWN. */
export const HEALTH_UNKNOWN = 3;

/** Prints the health of the service and returns the exit code that says it. */
export async function showHealth(
  { execute, output, colors }: ClientContext,
  { json = false }: { readonly json?: boolean },
): Promise<number> {
  const data = await requestData<HealthData>(execute, HEALTH_QUERY);
  const { status, checkedAt, issues, warnings } = data.health;
  if (json) {
    printJson(output, data);
  } else {
    // A monitor shows the first line.
    output.line(`${statusColor(colors, status)(status)}: ${summaryOf(issues, warnings)}`);
    for (const issue of issues) output.line(`  ${colors.red('issue')}    ${issue}`);
    for (const warning of warnings) output.line(`  ${colors.yellow('warning')}  ${warning}`);
    output.line(colors.dim(`Checked at ${checkedAt}.`));
  }
  return EXIT_CODES[status] ?? HEALTH_UNKNOWN;
}

function summaryOf(issues: readonly string[], warnings: readonly string[]): string {
  if (issues.length + warnings.length === 0) return 'all aggregates are fresh.';
  const count = (things: readonly string[], name: string): string =>
    `${things.length} ${name}${things.length === 1 ? '' : 's'}`;
  return `${count(issues, 'issue')}, ${count(warnings, 'warning')}.`;
}
