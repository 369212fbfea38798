// `npm run erase`: deletes the personal data of one import or of a whole import supplier.
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { REGION } from '../infra/local/resource.ts';
import { awsProblem } from './command/aws.ts';
import { ArgumentError, CommandError, main, readArguments } from './command/command.ts';
import { localEndpoints, STATE_FOLDER_DEFAULT } from './command/local-host.ts';
import { type DropLocation, droppedFiles, eraseFiles } from './erase/files.ts';
import { importsOf } from './erase/imports.ts';

const USAGE = `npm run erase -- --supplier CODE [--identifier ID] [options]

Deletes the data of one import (its payload and history, and the supply point that it created), or with --supplier alone of all imports
of the supplier, with its dropped files, their reports and records. PENDING imports are cancelled first. Without --yes it only
prints what it would delete. After an interruption, run it again to delete the rest.

  --yes                deletes
  --url URL            a deployed environment's API, with the stage; default: the running local host
  --token KEY          an operator's token, which the audit records; or in ERASE_TOKEN
  --bucket NAME        the deployed environment's bucket, for a whole supplier: the stack's output DropsBucket
  --drops-table NAME   and its drops table: the stack's output DropsTable
  --state PATH         the local host's folder (.local), or its file there if several run
  --help               prints this

Close a supplier before you delete its data, so nothing new arrives. With --identifier, dropped files that contain the import's row stay.`;

/** The command's arguments. `location` is undefined for a single import, which has no files of its own. */
export type EraseOptions = {
  url: string;
  token: string;
  supplier: string;
  identifier: string | undefined;
  isConfirmed: boolean;
  location: DropLocation | undefined;
};

/** Erases the data, or without confirmation counts it. Returns a message for the user. @throws CommandError */
export async function erase(options: EraseOptions): Promise<string> {
  try {
    return await (options.identifier === undefined
      ? eraseSupplier(options)
      : eraseOne(options, options.identifier));
  } catch (error) {
    throw awsProblem(error) ?? error;
  } finally {
    options.location?.s3.destroy();
    options.location?.dynamodb.destroy();
  }
}

const NEEDS_YES = 'Nothing was deleted: --yes deletes it.';

async function eraseOne(options: EraseOptions, identifier: string): Promise<string> {
  const imports = importsOf(options);
  if (!options.isConfirmed) {
    const found = (await imports.has(identifier)) ? 'There is an import' : 'There is no import';
    return `${found} ${identifier} of ${options.supplier}. ${NEEDS_YES}`;
  }
  const erased = await imports.erase(identifier);
  if (erased.open > 0)
    throw new CommandError(`The import ${identifier} is in progress: run the command again.`);
  return `Deleted ${erased.imports} imports and ${erased.supplyPoints} supply points.`;
}

async function eraseSupplier(options: EraseOptions): Promise<string> {
  const { supplier, location } = options;
  const imports = importsOf(options);
  const files = await droppedFiles(location!, supplier);
  if (!options.isConfirmed) {
    return `${supplier} has ${await imports.count()} imports, and ${files.keys.length} objects of ${files.drops.length} drops. ${NEEDS_YES}`;
  }
  if (files.open > 0) {
    throw new CommandError(
      `${files.open} drops of ${supplier} are being imported: nothing was deleted. Run the command again when they have ended.`,
    );
  }
  // Deletes the files first, so the rest of an interrupted run cannot be imported again.
  await eraseFiles(location!, files);
  const erased = await imports.eraseAll();
  const summary = `Deleted ${erased.imports} imports, ${erased.supplyPoints} supply points, and ${files.keys.length} objects of ${files.drops.length} drops.`;
  if (erased.open === 0) return summary;
  throw new CommandError(`${summary} ${erased.open} imports are in progress: run the command again.`);
}

/** Parses the command's arguments. @throws ArgumentError @throws CommandError if no local host runs */
export function readOptions(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): EraseOptions {
  const values = read(args);
  const { supplier = '', identifier, url, bucket, 'drops-table': table } = values;
  if (supplier === '') throw new ArgumentError('--supplier must name an import supplier.');
  if (identifier === '') throw new ArgumentError('--identifier must name an import.');
  const common = { supplier, identifier, isConfirmed: values.yes };
  const token = values.token ?? (env['ERASE_TOKEN'] || undefined);
  if (url === undefined) {
    if (bucket !== undefined || table !== undefined)
      throw new ArgumentError('--bucket and --drops-table need --url.');
    return { ...common, ...localOptions(values.state, token, identifier === undefined) };
  }
  if (token === undefined) throw new ArgumentError('--url needs the key of a token: --token or ERASE_TOKEN.');
  if (identifier !== undefined) return { ...common, url, token, location: undefined };
  if (bucket === undefined || table === undefined)
    throw new ArgumentError('A whole supplier of a deployed environment needs --bucket and --drops-table.');
  const dynamodb = DynamoDBDocumentClient.from(new DynamoDBClient({}));
  return { ...common, url, token, location: { s3: new S3Client({}), dynamodb, bucket, table } };
}

function localOptions(state: string, token: string | undefined, hasFiles: boolean) {
  const found = localEndpoints(state);
  const settings = { region: REGION, credentials: found.credentials };
  const location = (): DropLocation => ({
    s3: new S3Client({ ...settings, endpoint: found.s3, forcePathStyle: true }),
    dynamodb: DynamoDBDocumentClient.from(new DynamoDBClient({ ...settings, endpoint: found.dynamodb })),
    bucket: found.buckets.drops,
    table: found.tables['drop-records'],
  });
  return { url: found.api, token: token ?? found.token, location: hasFiles ? location() : undefined };
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
    read: (args) => readOptions(args, process.env),
    run: async (options) => console.log(await erase(options)),
  });
}
