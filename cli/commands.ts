import type { Command } from './command.ts';
import { cancel, redrive, retry } from './commands/actions.ts';
import { drop } from './commands/drop.ts';
import { dropStatus, drops, failedRows } from './commands/drops.ts';
import { importFile } from './commands/import.ts';
import { errors, history, list, show, status } from './commands/imports.ts';
import { login } from './commands/login.ts';
import { validate } from './commands/validate.ts';
import { watch } from './commands/watch.ts';
import { whoami } from './commands/whoami.ts';

/** Every command, in the order of the help. */
export const COMMANDS: readonly Command[] = [
  login,
  whoami,
  validate,
  importFile,
  watch,
  drop,
  drops,
  dropStatus,
  failedRows,
  status,
  list,
  errors,
  history,
  show,
  cancel,
  retry,
  redrive,
];
