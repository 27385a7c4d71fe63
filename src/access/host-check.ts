import { ServiceError } from '../errors.js';
import { ANYBODY, type Caller } from './caller.js';
import { isLoopback } from './loopback.js';

/** Throws FORBIDDEN where a caller without a credential may not use the Host that was sent. */
export type HostCheck = (caller: Caller, host: string | undefined) => void;

/**
 * Requests without a credential are accepted under loopback names and `allowedHosts` only. A page
 * whose name is pointed at this server (DNS rebinding) is of the same origin to a browser, which
 * sends its requests from inside the network; only their Host shows it.
 */
export function createHostCheck(allowedHosts: readonly string[]): HostCheck {
  return (caller, host = '') => {
    if (caller !== ANYBODY) return;
    const name = host.toLowerCase().replace(/:\d+$/, '');
    if (isLoopback(name) || allowedHosts.includes(name)) return;
    throw new ServiceError(
      'FORBIDDEN',
      `Requests without a credential are accepted at localhost, 127.0.0.0/8 and [::1] only, but Host is ${JSON.stringify(host.slice(0, MAX_SHOWN))}. Make a key (rolling-metrics keys create --name NAME --role operator --tenant '*'), or add the host to ALLOWED_HOSTS.`,
    );
  };
}

/** How much of a Host an error repeats. */
const MAX_SHOWN = 200;
