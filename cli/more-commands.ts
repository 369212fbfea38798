import { scenariosClear, scenariosSet, scenariosShow } from './admin/scenarios.ts';
import { SUPPLIER_COMMANDS } from './admin/suppliers.ts';
import { TOKEN_COMMANDS } from './admin/tokens.ts';
import { check } from './check/command.ts';
import type { Command } from './command.ts';
import { cancel, redrive, retry } from './commands/actions.ts';
import { errors } from './commands/errors.ts';
import { failedRows } from './commands/failed-rows.ts';
import { history, list, show, status } from './commands/imports.ts';
import { compare } from './compare/command.ts';
import { completion } from './completion/command.ts';
import { devMakeDrop } from './make-drop/command.ts';

/**
 * Commands about single imports, and those of operators, administrators and testers, in the order of the help. They are bundled as a second file, which is loaded only for them: the
 * command line of everybody stays small.
 */
export const MORE_COMMANDS: readonly Command[] = [
  failedRows,
  status,
  list,
  errors,
  history,
  show,
  cancel,
  retry,
  redrive,
  ...SUPPLIER_COMMANDS,
  ...TOKEN_COMMANDS,
  scenariosShow,
  scenariosSet,
  scenariosClear,
  check,
  compare,
  devMakeDrop,
  completion,
];
