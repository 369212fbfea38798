// `npm run drop-status`: how far a dropped file has come.
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

Says how far a dropped file has come: its state, how many of its parts are read, what became of its rows so far, and how their
imports ended. The report says the same, but only once all rows are read.

  --bucket NAME   a deployed environment's bucket: its stack's output DropsBucket
  --table NAME    and its table of drops: DropsTable. Otherwise: the local host that runs
  --state PATH    the local host's folder (.local), or its file there where several run
  --help          says this`;

type Asked = { name: string; bucket: string | undefined; table: string | undefined; state: string };

/** How far the newest upload under a name has come, as JSON. @throws CommandError where there is no such file, or it is not planned yet */
export async function dropStatus({ name, bucket, table, state }: Asked): Promise<string> {
  const place = bucket === undefined || table === undefined ? localPlace(state) : deployed(bucket, table);
  const key = DROPS_PREFIX + name;
  try {
    const found = await objectStore(place.s3).head(place.bucket, key);
    if (found === undefined) throw new CommandError(`There is no file ${key}.`);
    const drops = dropStore(DynamoDBDocumentClient.from(place.dynamodb), place.table, {
      keptDays: undefined,
      clock: Date.now,
    });
    const drop = await drops.get(dropId(found.source));
    if (drop === undefined)
      throw new CommandError(`The file ${key} is not planned yet: look again in a moment.`);
    return JSON.stringify(statusOf(drop), undefined, 2);
  } catch (error) {
    throw awsProblem(error, place.endpoint) ?? missing(error as Error, place) ?? error;
  } finally {
    place.s3.destroy();
    place.dynamodb.destroy();
  }
}

type Place = {
  s3: S3Client;
  dynamodb: DynamoDBClient;
  bucket: string;
  table: string;
  /** The local host's, where it is one. */
  endpoint?: string;
};

/** The line for a bucket or a table that does not exist. */
function missing({ name }: Error, { bucket, table }: Place): CommandError | undefined {
  if (name === 'NoSuchBucket') return new CommandError(`There is no bucket ${bucket}.`);
  if (name === 'ResourceNotFoundException') return new CommandError(`There is no table ${table}.`);
  return undefined;
}

/** Region and credentials are those that the AWS SDK finds. */
const deployed = (bucket: string, table: string): Place => ({
  s3: new S3Client({}),
  dynamodb: new DynamoDBClient({}),
  bucket,
  table,
});

function localPlace(stateFolder: string): Place {
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

/** Reads the command's arguments. @throws ArgumentError */
export function readAsked(args: readonly string[]): Asked {
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
  await main({ usage: USAGE, read: readAsked, run: async (asked) => console.log(await dropStatus(asked)) });
}
