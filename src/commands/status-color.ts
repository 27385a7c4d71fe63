import type { Colors, Formatter } from 'picocolors/types.js';
import type { HealthStatus } from '../aggregates/status/health.js';

/** How a health status is coloured; what a newer server may say beyond is left plain. */
export function statusColor(colors: Colors, status: HealthStatus): Formatter {
  const { green, yellow, red } = colors;
  return { HEALTHY: green, WARNING: yellow, DEGRADED: red }[status] ?? String;
}
