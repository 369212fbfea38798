import { ACCOUNT, REGION } from '../resource.ts';
import { type CallRequest, type RequestedAccess, UnknownCall } from './requested-access.ts';

type Body = Record<string, unknown>;
type Operation = {
  action: string;
  resources: (body: Body) => string[];
  /** The keys or items of the call, of which each has the table's partition key. */
  keys?: (body: Body, attribute: string) => Body[];
};

const arn = (service: string, rest: string): string => `arn:aws:${service}:${REGION}:${ACCOUNT}:${rest}`;
/** Some names may also be given as ARNs. */
const arnOr = (name: string, arnOf: (name: string) => string): string =>
  name.startsWith('arn:') ? name : arnOf(name);

const tableArn = (name: string): string => arnOr(name, () => arn('dynamodb', `table/${name}`));
const table = (body: Body): string[] => [tableArn(text(body, 'TableName'))];
/** A query of an index needs permission on the index only, not on its table. */
const tableOrIndex = (body: Body): string[] =>
  body['IndexName'] === undefined ? table(body) : [`${table(body)[0]}/index/${text(body, 'IndexName')}`];
const tablesOfRequest = (body: Body): string[] => Object.keys(object(body['RequestItems'])).map(tableArn);

const queue = (body: Body): string[] => {
  const [, account, name] = /\/(\d{12})\/([\w-]{1,80}(?:\.fifo)?)$/.exec(text(body, 'QueueUrl')) ?? [];
  if (account !== ACCOUNT) throw new UnknownCall(`Not a queue of this account: ${body['QueueUrl']}.`);
  return [arn('sqs', name!)];
};
const queueNamed = (body: Body): string[] => [arn('sqs', text(body, 'QueueName'))];

const busesOfEntries = (body: Body): string[] => {
  if (!Array.isArray(body['Entries'])) throw new UnknownCall('PutEvents has no entries.');
  const names = body['Entries'].map((entry) => object(entry)['EventBusName'] ?? 'default');
  return [...new Set(names.map((name) => arnOr(String(name), () => arn('events', `event-bus/${name}`))))];
};

const keyIn =
  (name: string) =>
  (body: Body): Body[] => [object(body[name])];

/** The key of a query: the value to which its condition compares the partition key. */
function queriedKey(body: Body, attribute: string): Body[] {
  const names = object(body['ExpressionAttributeNames'] ?? {});
  const comparisons = text(body, 'KeyConditionExpression').matchAll(/(#?\w+)\s*=\s*(:\w+)/g);
  for (const [, name = '', value = ''] of comparisons)
    if ((names[name] ?? name) === attribute)
      return [{ [attribute]: object(body['ExpressionAttributeValues'])[value] }];
  throw new UnknownCall(`The query has no ${attribute}.`);
}

/** Policies with conditions on the keys of batches are not supported. */
const noneRead = (): never => {
  throw new UnknownCall('The local IAM does not read the keys of batches.');
};

/**
 * The supported operations by service. DynamoDB's transactions and PartiQL need several actions at once and are not supported.
 * Sources: the Service Authorization Reference, "Actions defined by Amazon DynamoDB", "... SQS", "... EventBridge".
 */
const OPERATIONS: Readonly<Record<string, { target: string; operations: Record<string, Operation> }>> = {
  dynamodb: {
    target: 'DynamoDB_20120810',
    operations: {
      GetItem: { action: 'dynamodb:GetItem', resources: table, keys: keyIn('Key') },
      PutItem: { action: 'dynamodb:PutItem', resources: table, keys: keyIn('Item') },
      UpdateItem: { action: 'dynamodb:UpdateItem', resources: table, keys: keyIn('Key') },
      DeleteItem: { action: 'dynamodb:DeleteItem', resources: table, keys: keyIn('Key') },
      DescribeTable: { action: 'dynamodb:DescribeTable', resources: table },
      Query: { action: 'dynamodb:Query', resources: tableOrIndex, keys: queriedKey },
      Scan: { action: 'dynamodb:Scan', resources: tableOrIndex },
      BatchGetItem: { action: 'dynamodb:BatchGetItem', resources: tablesOfRequest, keys: noneRead },
      BatchWriteItem: { action: 'dynamodb:BatchWriteItem', resources: tablesOfRequest, keys: noneRead },
    },
  },
  sqs: {
    target: 'AmazonSQS',
    operations: {
      SendMessage: { action: 'sqs:SendMessage', resources: queue },
      SendMessageBatch: { action: 'sqs:SendMessage', resources: queue },
      ReceiveMessage: { action: 'sqs:ReceiveMessage', resources: queue },
      DeleteMessage: { action: 'sqs:DeleteMessage', resources: queue },
      DeleteMessageBatch: { action: 'sqs:DeleteMessage', resources: queue },
      ChangeMessageVisibility: { action: 'sqs:ChangeMessageVisibility', resources: queue },
      ChangeMessageVisibilityBatch: { action: 'sqs:ChangeMessageVisibility', resources: queue },
      GetQueueAttributes: { action: 'sqs:GetQueueAttributes', resources: queue },
      PurgeQueue: { action: 'sqs:PurgeQueue', resources: queue },
      GetQueueUrl: { action: 'sqs:GetQueueUrl', resources: queueNamed },
    },
  },
  events: {
    target: 'AWSEvents',
    operations: { PutEvents: { action: 'events:PutEvents', resources: busesOfEntries } },
  },
};

/**
 * Parses a call of an AWS JSON protocol: DynamoDB, SQS or EventBridge.
 *
 * @throws UnknownCall
 */
export function readJsonCall(service: 'dynamodb' | 'sqs' | 'events', request: CallRequest): RequestedAccess {
  const { target, operations } = OPERATIONS[service]!;
  const header = String(request.headers['x-amz-target'] ?? '');
  const name = header.slice(target.length + 1);
  if (request.method !== 'POST' || header !== `${target}.${name}` || !Object.hasOwn(operations, name)) {
    throw new UnknownCall(`The local IAM does not support the operation "${header}" of ${service}.`);
  }
  const { action, resources, keys } = operations[name]!;
  const body = bodyOf(request);
  const named = resources(body);
  if (named.length === 0) throw new UnknownCall(`${name} names no resource.`);
  const leadingKeys = (attribute: string) =>
    keys!(body, attribute).map((key) => text(object(key[attribute]), 'S'));
  return { operation: name, action, resources: named, ...(keys && { leadingKeys }) };
}

function bodyOf({ body }: CallRequest): Body {
  try {
    return object(JSON.parse(body.toString('utf8')));
  } catch (error) {
    throw error instanceof UnknownCall ? error : new UnknownCall('The body is not JSON.');
  }
}

function object(value: unknown): Body {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new UnknownCall('The body has another value where an object is expected.');
  }
  return value as Body;
}

function text(body: Body, name: string): string {
  const value = body[name];
  if (typeof value !== 'string' || value === '') throw new UnknownCall(`The body has no ${name}.`);
  return value;
}
