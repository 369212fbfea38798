import { join } from 'node:path';
import { type AccessKeys, accessKeys, type Credentials } from '../access/credentials.ts';
import { type Iam, iamOf, resourcesForIam } from '../iam/iam.ts';
import type { GrantUse } from '../iam/permissions.ts';
import { s3Notifications } from '../notifications.ts';
import { createQueues } from '../queues.ts';
import type { Resource } from '../resource.ts';
import { type StopSteps, startInSteps } from '../stop-steps.ts';
import { assertTablesShared, createTables } from '../tables.ts';
import { loadTemplate } from '../template.ts';
import { shapeOf } from '../write-units.ts';
import { corsOf } from './cors.ts';
import { startDynamoDB } from './dynamodb.ts';
import { type EventBridge, startEventBridge } from './eventbridge.ts';
import { type S3Event, type SqsAndS3, startSqsAndS3 } from './sqs-s3.ts';
import type { StoreUnits, StoreUse } from './write-throttle.ts';

export type EmulatorOptions = {
  /** The cloud assembly's folder, and the stack in it. */
  assembly: string;
  stackName: string;
  /** The folder for state between runs; undefined: everything is in memory. */
  stateFolder?: string;
  /** Another DynamoDB than the embedded one, such as DynamoDB Local. */
  dynamodbEndpoint?: string;
  /** A URL to which each event of the template's buses is posted. */
  forwardEventsTo?: string;
  /** The origins at which the API is served. Buckets allow its pages what the template's CORS rules allow those of the deployed API. */
  apiOrigins?: () => readonly string[];
  /** Receives a line for each repair of the state. */
  report?: (line: string) => void;
  /** The operator's credentials. Default: new ones. */
  credentials?: Credentials;
  /** Throttles writes to the embedded DynamoDB to so many units a second. */
  storeUnits?: StoreUnits;
};

/** The running emulators with the template's tables, queues, buckets and buses. */
export type Emulators = {
  resources: readonly Resource[];
  resourcesOf(type: string): Resource[];
  /** The names of a type's resources by their ids, such as `import-processes`. */
  namesOf(type: string): Record<string, string>;
  keys: AccessKeys;
  /** DynamoDB's endpoint. */
  dynamodb: string;
  sqsAndS3: SqsAndS3;
  eventBridge: EventBridge;
  /** Environment variables with which the SDK finds the emulators. */
  variables: Record<string, string>;
  /** The unused grants of the template's policies, and the denied calls. */
  useOfGrants(): Promise<GrantUse>;
  /** The consumption of a throttled store's writes; undefined without throttling. */
  storeUse(): Promise<StoreUse | undefined>;
  stop(): Promise<void>;
};

/**
 * Starts the emulators for a synthesized template on 127.0.0.1, and enforces the template's IAM policies on them.
 *
 * @throws UnsupportedTemplate before anything is started; TablesNotShared for another DynamoDB that the functions cannot use.
 */
export const startEmulators = (options: EmulatorOptions): Promise<Emulators> =>
  startInSteps((steps) => start(options, steps));

async function start(options: EmulatorOptions, steps: StopSteps): Promise<Emulators> {
  const folder = (name: string) => options.stateFolder && join(options.stateFolder, name);
  // The template refers to queue URLs, which exist only once SQS runs.
  let queueUrl = (_name: string): string => '';
  const resources = loadTemplate(options.assembly, options.stackName, { queueUrl: (name) => queueUrl(name) });
  const resourcesOf = (type: string) => resources.filter((resource) => resource.type === type);
  const tables = resourcesOf('AWS::DynamoDB::Table');
  const buckets = resourcesOf('AWS::S3::Bucket');
  const buses = resourcesOf('AWS::Events::EventBus').map(({ name }) => name);
  const functionIds = resourcesOf('AWS::Lambda::Function').map(({ id }) => id);
  const keys = accessKeys(functionIds, options.credentials);

  const embedded =
    options.dynamodbEndpoint === undefined
      ? await startDynamoDB(folder('dynamodb'), keys, options.report)
      : undefined;
  if (embedded !== undefined) steps.add(embedded.stop);
  const dynamodb = options.dynamodbEndpoint ?? embedded!.endpoint;
  // Queues, buckets and policies come after the servers that use them.
  let iam: Iam | undefined;
  let notify = (_event: S3Event): void => {};
  const onS3Event = (event: S3Event) => notify(event);
  const sqsAndS3 = await startSqsAndS3(folder('sqs-s3'), keys, onS3Event, {
    iam: () => iam,
    cors: corsOf(resources, options.apiOrigins ?? (() => [])),
    ...(options.report && { report: options.report }),
  });
  steps.add(sqsAndS3.stop);
  queueUrl = sqsAndS3.queueUrl;
  const eventBridge = await startEventBridge(buses, options.forwardEventsTo, keys, () => iam);
  steps.add(eventBridge.stop);

  await createTables(dynamodb, keys.operator, tables);
  if (embedded === undefined) await assertTablesShared(dynamodb, keys.functions, tables);
  createQueues(sqsAndS3, resourcesOf('AWS::SQS::Queue'));
  for (const bucket of buckets) sqsAndS3.putBucket(bucket.name);
  notify = s3Notifications(buckets, sqsAndS3);

  const guarded = resourcesForIam(resources);
  const enforced = iamOf(guarded);
  iam = enforced;
  embedded?.enforcePolicies(guarded);
  if (options.storeUnits !== undefined) {
    const shapes = tables.map((table) => [table.name, shapeOf(table.properties())] as const);
    embedded?.throttleWrites(options.storeUnits, new Map(shapes));
  }
  return {
    resources,
    resourcesOf,
    namesOf: (type) => Object.fromEntries(resourcesOf(type).map(({ id, name }) => [id, name])),
    keys,
    dynamodb,
    sqsAndS3,
    eventBridge,
    variables: {
      AWS_ENDPOINT_URL_DYNAMODB: dynamodb,
      AWS_ENDPOINT_URL_SQS: sqsAndS3.endpoint,
      AWS_ENDPOINT_URL_S3: sqsAndS3.endpoint,
      AWS_ENDPOINT_URL_EVENTBRIDGE: eventBridge.endpoint,
    },
    useOfGrants: async () => merged(enforced.grantUse(), await embedded?.useOfGrants()),
    storeUse: async () => embedded?.storeUse(),
    stop: () => steps.run(),
  };
}

/** DynamoDB's emulator has its own thread with its own record of grants: a grant is unused if neither has used it. */
function merged(here: GrantUse, there: GrantUse | undefined): GrantUse {
  if (there === undefined) return here;
  const unusedThere = new Set(there.unused.map(({ id }) => id));
  return {
    unused: here.unused.filter(({ id }) => unusedThere.has(id)),
    denied: [...here.denied, ...there.denied],
  };
}
