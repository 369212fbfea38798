import {
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  type DynamoDBClient,
  type TableDescription,
} from '@aws-sdk/client-dynamodb';
import { type Account, differs, type LookingCheck, type Outcome, ok } from './check.ts';
import type { TemplateResource } from './deployed.ts';

/** Whether the tables are as the deployed template has them: what CloudFormation sets and others may have changed, or grows by itself. */
export const tableChecks: readonly LookingCheck[] = [
  { name: 'the tables’ time to live is as the template says', run: eachTable(timeToLive) },
  { name: 'the tables’ warm throughput is at least the template’s', run: eachTable(warmThroughput) },
  { name: 'the tables refuse deletion as the template says', run: eachTable(deletionProtection) },
];

type Properties = NonNullable<TemplateResource['Properties']>;
/** What a table is like: `isWrong` where that is not what the template says. */
type Seen = { detail: string; isWrong: boolean };
type Look = (dynamoDB: DynamoDBClient, TableName: string, properties: Properties) => Promise<Seen>;

function eachTable(look: Look): (account: Account) => Promise<Outcome> {
  return async ({ deployed, clients }) => {
    const seen: Seen[] = [];
    for (const { logicalId, type, name } of deployed.resources) {
      if (type !== 'AWS::DynamoDB::Table') continue;
      const { detail, isWrong } = await look(
        clients.dynamoDB,
        name,
        deployed.template[logicalId]?.Properties ?? {},
      );
      seen.push({ detail: `${logicalId.slice(0, -8)} ${detail}`, isWrong });
    }
    const wrong = seen.filter(({ isWrong }) => isWrong);
    if (seen.length === 0) return differs('the stack has no tables');
    return wrong.length === 0 ? ok(textOf(seen)) : differs(textOf(wrong));
  };
}

const textOf = (seen: readonly Seen[]): string => seen.map(({ detail }) => detail).join('; ');

async function described(dynamoDB: DynamoDBClient, TableName: string): Promise<TableDescription> {
  return (await dynamoDB.send(new DescribeTableCommand({ TableName }))).Table ?? {};
}

async function timeToLive(
  dynamoDB: DynamoDBClient,
  TableName: string,
  properties: Properties,
): Promise<Seen> {
  const asked = properties['TimeToLiveSpecification'] as
    | { AttributeName?: string; Enabled?: boolean }
    | undefined;
  const { TimeToLiveDescription } = await dynamoDB.send(new DescribeTimeToLiveCommand({ TableName }));
  const { TimeToLiveStatus = 'DISABLED', AttributeName } = TimeToLiveDescription ?? {};
  const expected = asked?.Enabled === true ? `ENABLED by ${asked.AttributeName}` : 'DISABLED';
  const found = TimeToLiveStatus === 'ENABLED' ? `ENABLED by ${AttributeName}` : TimeToLiveStatus;
  return { detail: found === expected ? found : `${found}, not ${expected}`, isWrong: found !== expected };
}

type Warm = { ReadUnitsPerSecond?: number | undefined; WriteUnitsPerSecond?: number | undefined } | undefined;
type Index = { IndexName?: string; WarmThroughput?: Warm };

async function warmThroughput(
  dynamoDB: DynamoDBClient,
  TableName: string,
  properties: Properties,
): Promise<Seen> {
  const table = await described(dynamoDB, TableName);
  const indexes = (properties['GlobalSecondaryIndexes'] ?? []) as Index[];
  const seen = [
    warm('', properties['WarmThroughput'] as Warm, table.WarmThroughput),
    ...indexes.map(({ IndexName, WarmThroughput }) =>
      warm(
        `${IndexName} `,
        WarmThroughput,
        table.GlobalSecondaryIndexes?.find((each) => each.IndexName === IndexName)?.WarmThroughput,
      ),
    ),
  ];
  return { detail: textOf(seen), isWrong: seen.some(({ isWrong }) => isWrong) };
}

/** Warm throughput grows with use and never shrinks (source: DynamoDB guide, "Understanding DynamoDB warm throughput"). */
function warm(of: string, asked: Warm, found: Warm): Seen {
  const { ReadUnitsPerSecond: reads = 0, WriteUnitsPerSecond: writes = 0 } = found ?? {};
  const { ReadUnitsPerSecond: readsMin = 0, WriteUnitsPerSecond: writesMin = 0 } = asked ?? {};
  const isWrong = reads < readsMin || writes < writesMin;
  const detail = `${of}${writes} writes and ${reads} reads a second`;
  return { detail: isWrong ? `${detail}, not ${writesMin} and ${readsMin}` : detail, isWrong };
}

async function deletionProtection(
  dynamoDB: DynamoDBClient,
  TableName: string,
  properties: Properties,
): Promise<Seen> {
  const { DeletionProtectionEnabled = false } = await described(dynamoDB, TableName);
  const expected = properties['DeletionProtectionEnabled'] === true;
  const text = (isProtected: boolean): string => (isProtected ? 'refuses deletion' : 'can be deleted');
  const isWrong = DeletionProtectionEnabled !== expected;
  const detail = text(DeletionProtectionEnabled);
  return { detail: isWrong ? `${detail}; the template says that it ${text(expected)}` : detail, isWrong };
}
