// `npm run drop-status`: prints the progress of a dropped file.
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { REGION } from '../infra/local/resource.ts';
import { DROPS_PREFIX, dropId } from '../shared/drops/drop.ts';
import { objectStore } from '../shared/drops/objects.ts';
import { statusOf } from '../shared/drops/reporting/report.ts';
import { dropStore } from '../shared/drops/store.ts';
import { awsProblem } from './command/aws.ts';
import { ArgumentError, CommandError, main, readArguments } from './command/command.ts';
import { localEndpoints, STATE_FOLDER_DEFAULT } from './command/local-host.ts';

const USAGE = `npm run drop-status -- <import supplier>/<name> [options]

Prints the progress of a dropped file: its state, how many of its parts are read, and the counts of its rows and imports by outcome.
The report has the same counts, but it is written only when all rows are read.

  --bucket NAME   a deployed environment's bucket: the stack's output DropsBucket. Default: the running local host
  --table NAME    and its drops table: the stack's output DropsTable
  --state PATH    the local host's folder (.local), or its file there if several run
  --help          prints this`;

type DropStatusOptions = {
  name: string;
  bucket: string | undefined;
  table: string | undefined;
  state: string;
};

/** Returns the progress of the newest upload of a file, as JSON. @throws CommandError if there is no such file, or it is not planned yet */
export async function dropStatus({ name, bucket, table, state }: DropStatusOptions): Promise<string> {
  const target =
    bucket === undefined || table === undefined ? localTarget(state) : deployedTarget(bucket, table);
  const key = DROPS_PREFIX + name;
  try {
    const found = await objectStore(target.s3).head(target.bucket, key);
    if (found === undefined) throw new CommandError(`There is no file ${key}.`);
    const drops = dropStore(DynamoDBDocumentClient.from(target.dynamodb), target.table, {
      keptDays: undefined,
      clock: Date.now,
    });
    const drop = await drops.get(dropId(found.source));
    if (drop === undefined)
      throw new CommandError(`The file ${key} is not planned yet: look again in a moment.`);
    return JSON.stringify(statusOf(drop), undefined, 2);
  } catch (error) {
    throw awsProblem(error, target.endpoint) ?? notFound(error as Error, target) ?? error;
  } finally {
    target.s3.destroy();
    target.dynamodb.destroy();
  }
}

type Target = {
  s3: S3Client;
  dynamodb: DynamoDBClient;
  bucket: string;
  table: string;
  /** The local host's S3 endpoint. Undefined for a deployed environment. */
  endpoint?: string;
};

/** Returns the error for a bucket or table that does not exist. */
function notFound({ name }: Error, { bucket, table }: Target): CommandError | undefined {
  if (name === 'NoSuchBucket') return new CommandError(`There is no bucket ${bucket}.`);
  if (name === 'ResourceNotFoundException') return new CommandError(`There is no table ${table}.`);
  return undefined;
}

/** The AWS SDK finds the region and the credentials. */
const deployedTarget = (bucket: string, table: string): Target => ({
  s3: new S3Client({}),
  dynamodb: new DynamoDBClient({}),
  bucket,
  table,
});

function localTarget(stateFolder: string): Target {
  const { s3, dynamodb, buckets, tables, credentials } = localEndpoints(stateFolder);
  const settings = { region: REGION, credentials };
  return {
    s3: new S3Client({ ...settings, endpoint: s3, forcePathStyle: true }),
    dynamodb: new DynamoDBClient({ ...settings, endpoint: dynamodb }),
    bucket: buckets.drops,
    table: tables['drop-records'],
    endpoint: s3,
  };
}

/** Parses the command's arguments. @throws ArgumentError */
export function readOptions(args: readonly string[]): DropStatusOptions {
  const { values, positionals } = read(args);
  const [name, ...rest] = positionals;
  if (name === undefined || !name.includes('/') || rest.length > 0)
    throw new ArgumentError('Name one file as <import supplier>/<name>, without drops/ before it.');
  if ((values.bucket === undefined) !== (values.table === undefined))
    throw new ArgumentError('A deployed environment needs both --bucket and --table.');
  return { name, bucket: values.bucket, table: values.table, state: values.state };
}

const read = (args: readonly string[]) =>
  readArguments(args, {
    allowPositionals: true,
    options: {
      bucket: { type: 'string' },
      table: { type: 'string' },
      state: { type: 'string', default: STATE_FOLDER_DEFAULT },
    },
  });

if (import.meta.main) {
  await main({
    usage: USAGE,
    read: readOptions,
    run: async (options) => console.log(await dropStatus(options)),
  });
}
