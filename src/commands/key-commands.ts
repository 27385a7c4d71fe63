import { InvalidArgumentError, Option, type Command } from 'commander';
import type { ApiKeyGrant } from '../access/api-key-store.js';
import { ROLES } from '../access/roles.js';
import { DEFAULT_TENANT, isTenantScope, tenantFault } from '../access/tenant.js';
import type { CommandRequest } from './commands.js';

/** Adds the commands that make, list and revoke API keys. */
export function addKeyCommands(
  program: Command,
  run: (request: CommandRequest) => Promise<void>,
): void {
  const keys = program.command('keys').description('API keys: make, list and revoke them.');

  keys
    .command('create')
    .description('Make a key. It is printed once, alone on standard output, and stored as a hash.')
    .requiredOption('--name <name>', 'what it is called in the log and in the list', name)
    .addOption(
      new Option('--role <role>', 'what it may do; each role includes those before it')
        .choices(ROLES)
        .makeOptionMandatory(),
    )
    .option('--tenant <tenant>', 'whose portfolios it is for; * for all', tenant, DEFAULT_TENANT)
    .action((key: ApiKeyGrant) => run({ name: 'create key', key }));

  keys
    .command('list')
    .description('All keys, the revoked ones too: name, role and tenant.')
    .option('--json', 'print them as JSON')
    .action(({ json = false }: { json?: boolean }) => run({ name: 'list keys', json }));

  keys
    .command('revoke')
    .description('Revoke a key; running servers refuse it within a second.')
    .argument('<name>', 'what it is called')
    .action((key: string) => run({ name: 'revoke key', key }));
}

function name(text: string): string {
  const fault = tenantFault(text);
  if (fault) throw new InvalidArgumentError(`It ${fault}.`);
  return text;
}

function tenant(text: string): string {
  if (!isTenantScope(text)) throw new InvalidArgumentError(`It ${tenantFault(text)}.`);
  return text;
}
