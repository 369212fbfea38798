import { randomInt } from 'node:crypto';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { exampleFor } from '../../cli/check/guide-example.ts';
import { scenarioStore } from '../../shared/scenarios/store.ts';
import { registry } from '../../shared/suppliers/registry.ts';
import { newTokenKey, sha256 } from '../../shared/suppliers/tokens.ts';
import type { Account } from './check.ts';
import { eraseDrops, eraseImports } from './erase.ts';

/** The checks' own import supplier. It is closed while no check runs. */
export const SUPPLIER = 'ACCOUNT_CHECKS';
/** Longer than all checks take. A token that a killed command leaves behind expires after this. */
const TOKEN_LIFETIME_MS = 2 * 60 * 60 * 1000;
/** Prefixes of the checks' identifiers. A scenario rule delays imports with the second one. */
const PREFIX = 'AC';
const SLOW_PREFIX = 'AX';
const SLOW_ROWS = 20;
/** Supply point identifiers have capitals and digits without I and O (source: the contract). */
const LETTERS = '0123456789ABCDEFGHJKLMNPQRSTUVWXYZ';

export type Token = { authorization: string; revoke(): Promise<void> };
export type TemporarySupplier = {
  /** The Authorization header of an importer. */
  authorization: string;
  /** Creates another importer's token, which can be revoked. */
  newToken(): Promise<Token>;
  /** Returns a dry run of the guide's example with a unique identifier. Its record is erased at the end. */
  dryRun(): { identifier: string; body: object };
  /** Returns such a dry run as a row of a drop. */
  row(): string;
  /** Returns rows of a drop whose imports finish one after another, spread over `slowSeconds`. */
  slowRows(): string[];
  /** Returns a name for a dropped file. It has a space, which S3 encodes in its notification. The file is erased at the end. */
  fileName(kind: string): string;
};

const twoDigits = (value: number): string => String(value).padStart(2, '0');

/** Scenario rules that finish a drop's imports one after another. Each finish shortens the delay of the drop's next follow-up task. */
const slowRules = (lastSeconds: number) =>
  Array.from({ length: SLOW_ROWS }, (_, row) => ({
    identifiers: `${SLOW_PREFIX}*${twoDigits(row)}`,
    outcome: 'DRY_RUN_SUCCEEDED',
    delaySeconds: Math.ceil((lastSeconds * (row + 1)) / SLOW_ROWS),
  }));

const dryRunOf = (identifier: string) => exampleFor(SUPPLIER, identifier, { is_dry_run: true });

/** Opens the supplier and creates a token. Undoing the account's changes closes and revokes them. */
export async function openSupplier(account: Account): Promise<TemporarySupplier> {
  const { deployed, clients, changes } = account;
  const documents = DynamoDBDocumentClient.from(clients.dynamoDB);
  const table = deployed.output('RegistryTable');
  const registered = registry(documents, table);
  const requested: string[] = [];

  await changes.make(
    `the supplier ${SUPPLIER} is open`,
    () => registered.putSupplier({ code: SUPPLIER, migration: 'open' }),
    () => registered.changeSupplier(SUPPLIER, { migration: 'closed' }),
  );
  await changes.make(
    `records and files of ${SUPPLIER}`,
    async () => {},
    async () => {
      await eraseImports(account, SUPPLIER, requested);
      await eraseDrops(account, SUPPLIER);
    },
  );
  if (account.environment.scenariosAllowed) {
    await scenarioStore(documents, table).put(SUPPLIER, slowRules(account.slowSeconds));
  }

  const newToken = async (): Promise<Token> => {
    const key = newTokenKey();
    const now = Date.now();
    const token = {
      sha256: sha256(key),
      name: 'account-checks',
      role: 'importer' as const,
      suppliers: [SUPPLIER],
      created_at: now,
      expires_at: now + TOKEN_LIFETIME_MS,
    };
    const { undo } = await changes.make(
      'a token of account-checks',
      () => registered.putToken(token),
      () => registered.revokeToken(token.sha256, Date.now()),
    );
    return { authorization: `Token ${key}`, revoke: undo };
  };

  const { authorization } = await newToken();
  const run = Array.from({ length: 6 }, () => LETTERS[randomInt(LETTERS.length)]).join('');
  let count = 0;
  const newIdentifier = (): string => {
    count += 1;
    return `${PREFIX}${run}${twoDigits(count)}`;
  };
  return {
    authorization,
    newToken,
    dryRun() {
      const identifier = newIdentifier();
      requested.push(identifier);
      return { identifier, body: dryRunOf(identifier) };
    },
    row: () => JSON.stringify(dryRunOf(newIdentifier())),
    slowRows: () =>
      Array.from({ length: SLOW_ROWS }, (_, row) =>
        JSON.stringify(dryRunOf(`${SLOW_PREFIX}${run}${twoDigits(row)}`)),
      ),
    fileName: (kind) => `${SUPPLIER}/${run} ${kind}.ndjson`,
  };
}
