import * as v from 'valibot';
import { ImportSupplier, type registry } from '../../shared/suppliers/registry.ts';
import { WrongUse } from '../command/command.ts';
import { tableOf } from './table-text.ts';

type Registry = ReturnType<typeof registry>;
type Migration = ImportSupplier['migration'];

/** The registered import suppliers, for people. */
export async function listSuppliers(registered: Registry): Promise<string> {
  const suppliers = await registered.list();
  if (suppliers.length === 0) return 'No import supplier is registered.';
  return tableOf(
    ['code', 'migration'],
    suppliers.map(({ code, migration }) => [code, migration]),
  );
}

/** Registers an import supplier. @throws WrongUse for a code that is none, or that is registered. */
export async function addSupplier(registered: Registry, code: string, migration: Migration): Promise<string> {
  if (!v.is(ImportSupplier.entries.code, code)) {
    throw new WrongUse(
      `${JSON.stringify(code)} is no code: capitals, digits, _ and -, a capital or digit first, at most 64.`,
    );
  }
  if (await registered.addSupplier({ code, migration })) return `${code} is registered, and ${migration}.`;
  throw new WrongUse(`${code} is registered already.`);
}

/** Opens or closes an import supplier's migration; to do it twice is no mistake. @throws WrongUse for one that there is not. */
export async function setMigration(
  registered: Registry,
  code: string,
  migration: Migration,
): Promise<string> {
  if (code !== '' && (await registered.setMigration(code, migration))) return `${code} is ${migration}.`;
  throw new WrongUse(`No import supplier ${JSON.stringify(code)} is registered.`);
}

/** Has a supplier's dropped CSV files with unknown columns taken or refused; idempotent. @throws WrongUse for one that there is not. */
export async function ignoreUnknownColumns(
  registered: Registry,
  code: string,
  ignores: boolean,
): Promise<string> {
  if (code === '' || !(await registered.ignoreUnknownColumns(code, ignores))) {
    throw new WrongUse(`No import supplier ${JSON.stringify(code)} is registered.`);
  }
  return `Unknown columns of CSV files that are dropped for ${code} are ${ignores ? 'ignored' : 'refused'}.`;
}
