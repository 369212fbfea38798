import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { environmentNamed } from '../../../infra/environments.ts';
import { MONTHLY_PRICES } from '../../../scripts/cost/prices.ts';
import { importError } from '../../../shared/imports/model/import-errors.ts';
import { appOf } from '../../support/synthesize.ts';

const folder = mkdtempSync(join(tmpdir(), 'supply-point-import-operations-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const environment = {
  ...environmentNamed('staging'),
  alarmEmail: 'somebody@example.org',
  domain: {
    name: 'imports.example.org',
    certificateArn: 'arn:aws:acm:ap-southeast-2:000000000000:certificate/one',
  },
};
appOf(environment, { outdir: folder }).synth();

type Resource = { Type: string; Properties: Record<string, unknown> };
const resources: Resource[] = readdirSync(folder)
  .filter((file) => file.endsWith('template.json'))
  .flatMap((file) =>
    Object.values(JSON.parse(readFileSync(join(folder, file), 'utf8')).Resources as Record<string, Resource>),
  );
const of = (type: string) =>
  resources.filter(({ Type }) => Type === type).map(({ Properties }) => Properties);
/** The alarms for people. CodeDeploy's alarms have no name. */
const alarms = of('AWS::CloudWatch::Alarm').filter(({ AlarmName }) => AlarmName !== undefined);

describe('an alarm', () => {
  const runbook = readFileSync('docs/operations.md', 'utf8');
  const sections = runbook.split('\n').flatMap((line) => /^### ([a-z-]+)$/.exec(line)?.[1] ?? []);

  it.each(alarms.map((alarm) => [String(alarm['AlarmName']), alarm] as const))(
    '%s has a description with its meaning and its section of the runbook',
    (name, { AlarmDescription, AlarmActions, OKActions }) => {
      const section = /^.+\. What to do: docs\/operations\.md#(.+)$/.exec(String(AlarmDescription))?.[1];
      expect(sections).toContain(section);
      expect(name).toBe(`supply-point-import-staging-${section}`);
      expect(AlarmActions).toHaveLength(1);
      expect(OKActions).toEqual(AlarmActions);
    },
  );

  it('exists for each section of the runbook', () => {
    const described = alarms.map(({ AlarmDescription }) => String(AlarmDescription).split('#')[1]);
    expect(sections.filter((section) => /^[a-z]+-[a-z-]+$/.test(section)).sort()).toEqual(described.sort());
  });

  it('is on the dashboard', () => {
    const [dashboard] = of('AWS::CloudWatch::Dashboard');
    const body = JSON.stringify(dashboard!['DashboardBody']);
    expect(dashboard!['DashboardName']).toBe('supply-point-import-staging');
    for (const title of [
      'Imports by outcome',
      'Imports by supplier',
      'Age of the oldest: imports',
      'Write units of tables',
    ])
      expect(body).toContain(title);
  });

  it('for throttled indexes includes every index of every table, with the dimension of the index', () => {
    const indexes = of('AWS::DynamoDB::Table').flatMap(({ GlobalSecondaryIndexes = [] }) =>
      (GlobalSecondaryIndexes as { IndexName: string }[]).map(({ IndexName }) => IndexName),
    );
    const alarm = alarms.find(({ AlarmName }) => String(AlarmName).endsWith('-indexes-throttled'))!;
    const found = JSON.stringify(alarm['Metrics']).matchAll(
      /"Name":"GlobalSecondaryIndexName","Value":"([^"]+)"/g,
    );
    expect([...found].map(([, name]) => name).sort()).toEqual([...indexes, ...indexes].sort());
  });

  it('has at most ten metrics, CloudWatch’s limit', () => {
    for (const { Metrics = [], AlarmName } of alarms)
      expect((Metrics as unknown[]).length, String(AlarmName)).toBeLessThanOrEqual(11);
  });

  it('is sent to the environment’s address, and missing data of the sweeper is breaching', () => {
    expect(of('AWS::SNS::Subscription')).toMatchObject([
      { Endpoint: 'somebody@example.org', Protocol: 'email' },
    ]);
    const silent = alarms.filter(({ TreatMissingData }) => TreatMissingData === 'breaching');
    expect(silent.map(({ AlarmName }) => AlarmName)).toEqual(['supply-point-import-staging-sweeper-stopped']);
  });
});

it('a custom domain is mapped at / with its certificate, and the default endpoint is disabled', () => {
  expect(of('AWS::ApiGateway::DomainName')).toMatchObject([
    { DomainName: 'imports.example.org', SecurityPolicy: 'SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09' },
  ]);
  const [mapping] = of('AWS::ApiGateway::BasePathMapping');
  expect(mapping).toBeDefined();
  expect(mapping).not.toHaveProperty('BasePath');
  expect(of('AWS::ApiGateway::RestApi')).toMatchObject([{ DisableExecuteApiEndpoint: true }]);
});

it('the functions’ metrics cost at most $10 a month with fifty suppliers', async () => {
  vi.stubEnv('METRICS_NAMESPACE', 'supply-point-import-staging');
  const { dropEnded, importEnded, rowsRead } = await import('../../../functions/edge/metrics.ts');
  const written: string[] = [];
  const write = vi
    .spyOn(process.stdout, 'write')
    .mockImplementation((text) => Boolean(written.push(String(text))));
  const error = importError.attemptsExhausted();
  for (let number = 0; number < 50; number += 1) {
    const supplier = `SUPPLIER_${number}`;
    const key = { importSupplier: supplier, externalIdentifier: '1' };
    for (const status of [
      'PROCESSED',
      'ERRORED',
      'DRY_RUN_SUCCEEDED',
      'DRY_RUN_ERRORED',
      'CANCELLED',
    ] as const)
      importEnded(key, { status, milliseconds: 1, ...(status.endsWith('ERRORED') && { error }) });
    for (const state of ['ENDED', 'FAILED', 'REFUSED'] as const) dropEnded(supplier, state, 1);
    rowsRead(supplier, {
      rows: 5,
      accepted: 1,
      invalid: 1,
      already_imported: 1,
      in_progress: 1,
      duplicate: 1,
    });
  }
  write.mockRestore();
  vi.unstubAllEnvs();
  const metrics = written.flatMap((line) => {
    const fields = JSON.parse(line);
    const [{ Dimensions, Metrics }] = fields._aws.CloudWatchMetrics;
    return Metrics.flatMap(({ Name }: { Name: string }) =>
      Dimensions.map((names: string[]) => [Name, ...names.map((name) => fields[name])].join()),
    );
  });
  expect(metrics).toContain('ImportsEnded,PROCESSED');
  expect(new Set(metrics).size * MONTHLY_PRICES.customMetrics).toBeLessThanOrEqual(10);
});

it('every metric of the functions is used by an alarm or the dashboard', async () => {
  vi.stubEnv('METRICS_NAMESPACE', 'supply-point-import-staging');
  const { dropEnded, importEnded, rowsRead } = await import('../../../functions/edge/metrics.ts');
  const written: string[] = [];
  const write = vi
    .spyOn(process.stdout, 'write')
    .mockImplementation((text) => Boolean(written.push(String(text))));
  const key = { importSupplier: 'A', externalIdentifier: '1' };
  importEnded(key, { status: 'PROCESSED', milliseconds: 1500 });
  const error = importError.attemptsExhausted();
  importEnded(key, { status: 'ERRORED', milliseconds: 900_000, error });
  dropEnded('A', 'ENDED', 9000);
  rowsRead('A', { rows: 3, accepted: 2, invalid: 1, already_imported: 0, in_progress: 0, duplicate: 0 });
  write.mockRestore();
  vi.unstubAllEnvs();

  const lines = written.map((line) => JSON.parse(line));
  expect(lines.map(({ outcome }) => outcome)).toEqual([
    'PROCESSED',
    'ERRORED',
    'ENDED',
    'accepted',
    'invalid',
  ]);
  expect(lines[0]).toMatchObject({
    _aws: {
      CloudWatchMetrics: [
        {
          Namespace: 'supply-point-import-staging',
          Dimensions: [['outcome']],
          Metrics: [
            { Name: 'ImportsEnded', Unit: 'Count' },
            { Name: 'ImportTime', Unit: 'Milliseconds' },
          ],
        },
      ],
    },
    supplier: 'A',
    ImportsEnded: 1,
    ImportTime: 1500,
  });
  expect(lines[1]).toMatchObject({ outcome: 'ERRORED', ImportsExhausted: 1 });
  expect(lines[3]).toMatchObject({ RowsRead: 2 });
  const found = JSON.stringify(resources);
  const names = lines.flatMap(({ _aws }) =>
    _aws.CloudWatchMetrics[0].Metrics.map(({ Name }: { Name: string }) => Name),
  );
  for (const name of new Set(names)) if (name !== 'DropTime') expect(found).toContain(name);
});
