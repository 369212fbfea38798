// `npm run registry` manages the import suppliers, tokens and scenarios of a local host or a deployed environment.

import { main } from './command/command.ts';
import { type Command, readCommand, USAGE } from './registry/options.ts';
import { clearScenarios, setScenarios, showScenarios } from './registry/scenarios.ts';
import { addSupplier, ignoreUnknownColumns, listSuppliers, setMigration } from './registry/suppliers.ts';
import { withRegistry } from './registry/target.ts';
import { addToken, type CreatedToken, listTokens, revokeToken, rotateToken } from './registry/tokens.ts';

/** Runs a command at `now` (epoch ms). Returns the text to print, or a new token. @throws CommandError */
export function runCommand(command: Command, now: number): Promise<string | CreatedToken> {
  const { code, required, expires, oldUntil } = command;
  return withRegistry<string | CreatedToken>(command.target, ({ registered, scenarios }) => {
    switch (command.name) {
      case 'suppliers list':
        return listSuppliers(registered);
      case 'suppliers add':
        return addSupplier(registered, code, command.isClosed ? 'closed' : 'open');
      case 'suppliers open':
        return setMigration(registered, code, 'open');
      case 'suppliers close':
        return setMigration(registered, code, 'closed');
      case 'suppliers ignore-unknown-columns':
        return ignoreUnknownColumns(registered, code, true);
      case 'suppliers refuse-unknown-columns':
        return ignoreUnknownColumns(registered, code, false);
      case 'tokens list':
        return listTokens(registered);
      case 'tokens add':
        return addToken(registered, { ...required, expires }, now);
      case 'tokens revoke':
        return revokeToken(registered, required.id, now);
      case 'tokens rotate':
        return rotateToken(registered, { id: required.id, expires, oldUntil }, now);
      case 'scenarios show':
        return showScenarios(scenarios, code);
      case 'scenarios set':
        return setScenarios(scenarios, code, required.file);
      case 'scenarios clear':
        return clearScenarios(scenarios, code);
      default:
        throw new Error(`The command ${command.name} is not implemented.`);
    }
  });
}

/** Prints a new token's key to standard output, and the rest to standard error, so that a script can capture the key. */
function print(outcome: string | CreatedToken): void {
  if (typeof outcome === 'string') {
    console.log(outcome);
    return;
  }
  console.error(`${outcome.summary}\nIts key is shown only now, and is not stored:`);
  console.log(outcome.key);
}

if (import.meta.main) {
  await main({
    usage: USAGE,
    read: readCommand,
    run: async (command) => print(await runCommand(command, Date.now())),
  });
}
