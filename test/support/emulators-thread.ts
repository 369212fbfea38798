// The worker thread of the emulators that test files share (emulators.ts).
import { parentPort, workerData } from 'node:worker_threads';
import { startEmulators } from '../../infra/local/emulators/start.ts';
import { startDynamoDBLocal } from './dynamodb-local.ts';
import type { SharedEmulators } from './emulators.ts';

/** Where DynamoDBLocal.jar is (`npm run test:dynamodb-local`). */
const { DYNAMODB_LOCAL_FOLDER } = process.env;

const dynamodbLocal =
  DYNAMODB_LOCAL_FOLDER === undefined ? undefined : await startDynamoDBLocal(DYNAMODB_LOCAL_FOLDER);
const emulators = await startEmulators({
  ...(dynamodbLocal && { dynamodbEndpoint: dynamodbLocal.endpoint }),
  assembly: workerData as string,
  stackName: 'supply-point-import-dev',
});
parentPort!.once('message', async () => {
  await emulators.stop();
  await dynamodbLocal?.stop();
});
const tables = emulators.resourcesOf('AWS::DynamoDB::Table');
parentPort!.postMessage({
  dynamodb: emulators.dynamodb,
  sqs: emulators.sqsAndS3.endpoint,
  credentials: emulators.keys.operator,
  tables: Object.fromEntries(tables.map((table) => [table.id, table.properties()])),
} satisfies SharedEmulators);
