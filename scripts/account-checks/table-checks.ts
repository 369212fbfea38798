import {
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  type DynamoDBClient,
  type TableDescription,
} from '@aws-sdk/client-dynamodb';
import { type Account, differs, type Outcome, ok, type ReadOnlyCheck } from './check.ts';
import type { TemplateResource } from './deployed.ts';

/** Compares the tables with the deployed template: settings that may have been changed since, and warm throughput, which grows with use. */
export const tableChecks: readonly ReadOnlyCheck[] = [
  { name: 'the tables’ time to live is as the template says', run: eachTable(timeToLive) },
  { name: 'the tables’ warm throughput is at least the template’s', run: eachTable(warmThroughput) },
  { name: 'the tables refuse deletion as the template says', run: eachTable(deletionProtection) },
];

type Properties = NonNullable<TemplateResource['Properties']>;
/** A table's setting. `isWrong`: it does not match the template. */
type Finding = { detail: string; isWrong: boolean };
type Inspect = (dynamoDB: DynamoDBClient, TableName: string, properties: Properties) => Promise<Finding>;

function eachTable(inspect: Inspect): (account: Account) => Promise<Outcome> {
  return async ({ deployed, clients }) => {
    const findings: Finding[] = [];
    for (const { logicalId, type, name } of deployed.resources) {
      if (type !== 'AWS::DynamoDB::Table') continue;
      const { detail, isWrong } = await inspect(
        clients.dynamoDB,
        name,
        deployed.template[logicalId]?.Properties ?? {},
      );
      findings.push({ detail: `${logicalId.slice(0, -8)} ${detail}`, isWrong });
    }
    const wrong = findings.filter(({ isWrong }) => isWrong);
    if (findings.length === 0) return differs('the stack has no tables');
    return wrong.length === 0 ? ok(textOf(findings)) : differs(textOf(wrong));
  };
}

const textOf = (findings: readonly Finding[]): string => findings.map(({ detail }) => detail).join('; ');

async function described(dynamoDB: DynamoDBClient, TableName: string): Promise<TableDescription> {
  return (await dynamoDB.send(new DescribeTableCommand({ TableName }))).Table ?? {};
}

async function timeToLive(
  dynamoDB: DynamoDBClient,
  TableName: string,
  properties: Properties,
): Promise<Finding> {
  const specified = properties['TimeToLiveSpecification'] as
    | { AttributeName?: string; Enabled?: boolean }
    | undefined;
  const { TimeToLiveDescription } = await dynamoDB.send(new DescribeTimeToLiveCommand({ TableName }));
  const { TimeToLiveStatus = 'DISABLED', AttributeName } = TimeToLiveDescription ?? {};
  const expected = specified?.Enabled === true ? `ENABLED by ${specified.AttributeName}` : 'DISABLED';
  const found = TimeToLiveStatus === 'ENABLED' ? `ENABLED by ${AttributeName}` : TimeToLiveStatus;
  return { detail: found === expected ? found : `${found}, not ${expected}`, isWrong: found !== expected };
}

type Warm = { ReadUnitsPerSecond?: number | undefined; WriteUnitsPerSecond?: number | undefined } | undefined;
type Index = { IndexName?: string; WarmThroughput?: Warm };

async function warmThroughput(
  dynamoDB: DynamoDBClient,
  TableName: string,
  properties: Properties,
): Promise<Finding> {
  const table = await described(dynamoDB, TableName);
  const indexes = (properties['GlobalSecondaryIndexes'] ?? []) as Index[];
  const findings = [
    warm('', properties['WarmThroughput'] as Warm, table.WarmThroughput),
    ...indexes.map(({ IndexName, WarmThroughput }) =>
      warm(
        `${IndexName} `,
        WarmThroughput,
        table.GlobalSecondaryIndexes?.find((each) => each.IndexName === IndexName)?.WarmThroughput,
      ),
    ),
  ];
  return { detail: textOf(findings), isWrong: findings.some(({ isWrong }) => isWrong) };
}

/** Warm throughput grows with use and never shrinks (source: DynamoDB guide, "Understanding DynamoDB warm throughput"). */
function warm(prefix: string, specified: Warm, found: Warm): Finding {
  const { ReadUnitsPerSecond: reads = 0, WriteUnitsPerSecond: writes = 0 } = found ?? {};
  const { ReadUnitsPerSecond: readsMin = 0, WriteUnitsPerSecond: writesMin = 0 } = specified ?? {};
  const isWrong = reads < readsMin || writes < writesMin;
  const detail = `${prefix}${writes} writes and ${reads} reads a second`;
  return { detail: isWrong ? `${detail}, not ${writesMin} and ${readsMin}` : detail, isWrong };
}

async function deletionProtection(
  dynamoDB: DynamoDBClient,
  TableName: string,
  properties: Properties,
): Promise<Finding> {
  const { DeletionProtectionEnabled = false } = await described(dynamoDB, TableName);
  const expected = properties['DeletionProtectionEnabled'] === true;
  const text = (isProtected: boolean): string => (isProtected ? 'refuses deletion' : 'can be deleted');
  const isWrong = DeletionProtectionEnabled !== expected;
  const detail = text(DeletionProtectionEnabled);
  return { detail: isWrong ? `${detail}; the template says that it ${text(expected)}` : detail, isWrong };
}
