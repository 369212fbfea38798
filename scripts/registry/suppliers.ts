import * as v from 'valibot';
import { ImportSupplier, type registry } from '../../shared/suppliers/registry.ts';
import { CommandError } from '../command/command.ts';
import { textTable } from './table-text.ts';

type Registry = ReturnType<typeof registry>;
type Migration = ImportSupplier['migration'];

/** Returns a table of the registered import suppliers. */
export async function listSuppliers(registered: Registry): Promise<string> {
  const suppliers = await registered.list();
  if (suppliers.length === 0) return 'No import supplier is registered.';
  return textTable(
    ['code', 'migration'],
    suppliers.map(({ code, migration }) => [code, migration]),
  );
}

/** Registers an import supplier. @throws CommandError for an invalid or registered code */
export async function addSupplier(registered: Registry, code: string, migration: Migration): Promise<string> {
  if (!v.is(ImportSupplier.entries.code, code)) {
    throw new CommandError(
      `${JSON.stringify(code)} is not a valid code: use at most 64 capitals, digits, _ and -, and begin with a capital or a digit.`,
    );
  }
  if (await registered.addSupplier({ code, migration }))
    return `${code} is registered. Its migration is ${migration}.`;
  throw new CommandError(`${code} is already registered.`);
}

/** Opens or closes an import supplier's migration. Idempotent. @throws CommandError for an unknown supplier */
export async function setMigration(
  registered: Registry,
  code: string,
  migration: Migration,
): Promise<string> {
  if (code !== '' && (await registered.changeSupplier(code, { migration })))
    return `${code} is ${migration}.`;
  throw new CommandError(`No import supplier ${JSON.stringify(code)} is registered.`);
}

/** Sets whether a supplier's dropped CSV files may have unknown columns. Idempotent. @throws CommandError for an unknown supplier */
export async function ignoreUnknownColumns(
  registered: Registry,
  code: string,
  ignores: boolean,
): Promise<string> {
  if (code === '' || !(await registered.changeSupplier(code, { ignores_unknown_columns: ignores }))) {
    throw new CommandError(`No import supplier ${JSON.stringify(code)} is registered.`);
  }
  return `Unknown columns of CSV files that are dropped for ${code} are ${ignores ? 'ignored' : 'rejected'}.`;
}
