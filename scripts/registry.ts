// `npm run registry`: import suppliers, tokens and scenarios, of a local host or a deployed environment.

import { main } from './command/command.ts';
import { type Command, readCommand, USAGE } from './registry/options.ts';
import { clearScenarios, setScenarios, showScenarios } from './registry/scenarios.ts';
import { addSupplier, ignoreUnknownColumns, listSuppliers, setMigration } from './registry/suppliers.ts';
import { withRegistry } from './registry/target.ts';
import { addToken, listTokens, type MadeToken, revokeToken, rotateToken } from './registry/tokens.ts';

/** Does a command. Answers what to say, and for a token that was made its key. @throws WrongUse */
export function runCommand(command: Command, now: number): Promise<string | MadeToken> {
  const { code, required, expires, oldUntil } = command;
  return withRegistry<string | MadeToken>(command.target, ({ registered, scenarios }) => {
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
        throw new Error(`The command ${command.name} is not written.`);
    }
  });
}

/** The key alone goes to standard output, so that a script can take it and a terminal's scroll shows which it is. */
function say(outcome: string | MadeToken): void {
  if (typeof outcome === 'string') {
    console.log(outcome);
    return;
  }
  console.error(`${outcome.said}\nIts key is shown this once, and kept nowhere:`);
  console.log(outcome.key);
}

if (import.meta.main) {
  await main({
    usage: USAGE,
    read: readCommand,
    run: async (command) => say(await runCommand(command, Date.now())),
  });
}
