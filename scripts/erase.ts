// `npm run erase`: deletes the personal data of one import or of a whole import supplier.
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { REGION } from '../infra/local/resource.ts';
import { awsProblem } from './command/aws.ts';
import { ArgumentError, CommandError, main, readArguments } from './command/command.ts';
import { localEndpoints, STATE_FOLDER_DEFAULT } from './command/local-host.ts';
import { type DropPlace, droppedFiles, eraseFiles } from './erase/files.ts';
import { importsOf } from './erase/imports.ts';

const USAGE = `npm run erase -- --supplier CODE [--identifier ID] [options]

Deletes the data of one import (its payload and history, and the supply point that it created), or with --supplier alone of all imports
of the supplier, with its dropped files, their reports and records. What is PENDING is cancelled first. Without --yes it only
says what it would delete. A run that was broken off is finished by running it again.

  --yes                deletes
  --url URL            a deployed environment's API, with the stage; otherwise: the local host that runs
  --token KEY          of an operator, whom the audit names; or in ERASE_TOKEN
  --bucket NAME        the deployed environment's bucket: its stack's output DropsBucket; for a whole supplier
  --drops-table NAME   and its table of drops: DropsTable
  --state PATH         the local host's folder (.local), or its file there where several run
  --help               says this

Close a supplier before its data is deleted, so that nothing new arrives. A dropped file that holds the row of a single import stays.`;

/** What is to be erased, and where. `place` is absent for a single import, which has no files of its own. */
export type Asked = {
  url: string;
  token: string;
  supplier: string;
  identifier: string | undefined;
  isConfirmed: boolean;
  place: DropPlace | undefined;
};

/** Erases what was asked for, or says what it would erase. @throws CommandError */
export async function erase(asked: Asked): Promise<string> {
  try {
    return await (asked.identifier === undefined ? eraseSupplier(asked) : eraseOne(asked, asked.identifier));
  } catch (error) {
    throw awsProblem(error) ?? error;
  } finally {
    asked.place?.s3.destroy();
    asked.place?.dynamodb.destroy();
  }
}

const NEEDS_YES = 'Nothing was deleted: --yes deletes it.';

async function eraseOne(asked: Asked, identifier: string): Promise<string> {
  const imports = importsOf(asked);
  if (!asked.isConfirmed) {
    const found = (await imports.has(identifier)) ? 'There is an import' : 'There is no import';
    return `${found} ${identifier} of ${asked.supplier}. ${NEEDS_YES}`;
  }
  const erased = await imports.erase(identifier);
  if (erased.open > 0)
    throw new CommandError(`The import ${identifier} is in progress: run the command again.`);
  return `Deleted ${erased.imports} imports and ${erased.supplyPoints} supply points.`;
}

async function eraseSupplier(asked: Asked): Promise<string> {
  const { supplier, place } = asked;
  const imports = importsOf(asked);
  const files = await droppedFiles(place!, supplier);
  if (!asked.isConfirmed) {
    return `${supplier} has ${await imports.count()} imports, and ${files.keys.length} objects of ${files.drops.length} drops. ${NEEDS_YES}`;
  }
  if (files.open > 0) {
    throw new CommandError(
      `${files.open} drops of ${supplier} are being imported: nothing was deleted. Run the command again when they have ended.`,
    );
  }
  // Files first: what is left of them cannot be imported again.
  await eraseFiles(place!, files);
  const erased = await imports.eraseAll();
  const said = `Deleted ${erased.imports} imports, ${erased.supplyPoints} supply points, and ${files.keys.length} objects of ${files.drops.length} drops.`;
  if (erased.open === 0) return said;
  throw new CommandError(`${said} ${erased.open} imports are in progress: run the command again.`);
}

/** Reads the command's arguments. @throws ArgumentError, CommandError where no local host runs */
export function readAsked(args: readonly string[], env: Readonly<Record<string, string | undefined>>): Asked {
  const values = read(args);
  const { supplier = '', identifier, url, bucket, 'drops-table': table } = values;
  if (supplier === '') throw new ArgumentError('--supplier must name an import supplier.');
  if (identifier === '') throw new ArgumentError('--identifier must name an import.');
  const what = { supplier, identifier, isConfirmed: values.yes };
  const token = values.token ?? (env['ERASE_TOKEN'] || undefined);
  if (url === undefined) {
    if (bucket !== undefined || table !== undefined)
      throw new ArgumentError('--bucket and --drops-table need --url.');
    return { ...what, ...local(values.state, token, identifier === undefined) };
  }
  if (token === undefined) throw new ArgumentError('--url needs the key of a token: --token or ERASE_TOKEN.');
  if (identifier !== undefined) return { ...what, url, token, place: undefined };
  if (bucket === undefined || table === undefined)
    throw new ArgumentError('A whole supplier of a deployed environment needs --bucket and --drops-table.');
  const dynamodb = DynamoDBDocumentClient.from(new DynamoDBClient({}));
  return { ...what, url, token, place: { s3: new S3Client({}), dynamodb, bucket, table } };
}

function local(state: string, token: string | undefined, hasFiles: boolean) {
  const found = localEndpoints(state);
  const settings = { region: REGION, credentials: found.credentials };
  const place = (): DropPlace => ({
    s3: new S3Client({ ...settings, endpoint: found.s3, forcePathStyle: true }),
    dynamodb: DynamoDBDocumentClient.from(new DynamoDBClient({ ...settings, endpoint: found.dynamodb })),
    bucket: found.buckets.drops,
    table: found.tables['drop-records'],
  });
  return { url: found.api, token: token ?? found.token, place: hasFiles ? place() : undefined };
}

const read = (args: readonly string[]) =>
  readArguments(args, {
    options: {
      supplier: { type: 'string' },
      identifier: { type: 'string' },
      yes: { type: 'boolean', default: false },
      url: { type: 'string' },
      token: { type: 'string' },
      bucket: { type: 'string' },
      'drops-table': { type: 'string' },
      state: { type: 'string', default: STATE_FOLDER_DEFAULT },
    },
  }).values;

if (import.meta.main) {
  await main({
    usage: USAGE,
    read: (args) => readAsked(args, process.env),
    run: async (asked) => console.log(await erase(asked)),
  });
}
