import { describe, expect, inject, it } from 'vitest';
import { type Consumption, consumptionOf, dollarsOf } from '../../scripts/cost/consumption.ts';
import { idleCosts, idleTable, type TemplateResource } from '../../scripts/cost/idle.ts';
import { measureOnce } from '../../scripts/cost/measure.ts';
import { reportOn } from '../../scripts/cost/report.ts';
import { sumOf } from '../../scripts/cost/tally.ts';
import { templateFacts } from '../../scripts/cost/template-facts.ts';

const STACK = 'supply-point-import-dev';

/** Dollars for a million, without Lambda's GB-seconds, which depend on this machine. */
const dollarsWithoutTime = (consumption: Consumption): number =>
  dollarsOf({ ...consumption, gigabyteSeconds: 0 }) * 1_000_000;

it('an import consumes seven write units and a row of a drop less than eight, as in docs/measurements.md', async () => {
  const assembly = inject('assembly');
  const facts = templateFacts(assembly, STACK);
  const times = { imports: 10, rows: 40, atOnce: 1 };
  const measured = await measureOnce({ assembly, stackName: STACK, facts, ...times }, true);

  const anImport = consumptionOf(measured.imports, times.imports, facts);
  expect(anImport).toMatchObject({ writeUnits: 7, events: 1, apiRequests: 1, s3Writes: 0 });
  expect(anImport.readUnits).toBeLessThanOrEqual(2);
  // Sent, received and deleted; fewer where messages share a batch.
  expect(anImport.sqsRequests).toBeGreaterThanOrEqual(1.2);
  expect(anImport.sqsRequests).toBeLessThanOrEqual(3);
  expect(anImport.invocations).toBeGreaterThanOrEqual(1.1);
  expect(anImport.gigabyteSeconds).toBeGreaterThan(0);

  expect(anImport.logMegabytes).toBeGreaterThan(0.0003);
  expect(anImport.logMegabytes).toBeLessThanOrEqual(0.001);
  expect(dollarsWithoutTime(anImport)).toBeLessThanOrEqual(12.5);

  const row = consumptionOf(measured.rows, times.rows, facts);
  expect(row).toMatchObject({ events: 1, apiRequests: 0 });
  expect(row.writeUnits).toBeGreaterThan(7);
  expect(row.writeUnits).toBeLessThan(8);
  expect(row.s3Writes * times.rows).toBeGreaterThanOrEqual(1);

  expect(row.logMegabytes).toBeLessThanOrEqual(0.001);
  expect(dollarsWithoutTime(row)).toBeLessThanOrEqual(8.5);
  // The record and the supply point, each with the packed payload.
  expect(sumOf(measured.imports, 'stored table') / times.imports).toBeGreaterThan(900);

  const { text, isMet } = reportOn(measured, times, facts);
  expect(isMet).toBe(true);
  expect(text).toContain('met     7.00 of at most 8 DynamoDB write units an import');
  expect(text).toContain('A month of keeping a million imports:');
  expect(text).toContain('3.00 write import-processes index listing');
}, 300_000);

describe('the cost report', () => {
  const facts = {
    memoryMiB: new Map([['create', 512]]),
    tableIds: new Map([['t', 'table']]),
    hasPlatformLog: true,
    tracedShare: 0.03,
  };
  const AMOUNTS = {
    'write t': 6,
    'write t index i': 8,
    'read t': 2,
    api: 2,
    'invocation create': 4,
    'milliseconds create': 400,
    'batch worker': 2,
    sqs: 6,
    event: 2,
    's3 write': 1,
    's3 read': 3,
    'log bytes': 1000,
    'archived bytes': 1200,
    'stored table t': 4000,
  };

  it('multiplies the consumption of one import by the prices', () => {
    const consumption = consumptionOf(AMOUNTS, 2, facts);
    expect(consumption).toEqual({
      writeUnits: 7,
      readUnits: 1,
      apiRequests: 1,
      invocations: 2,
      gigabyteSeconds: 0.1,
      sqsRequests: 4,
      groupedRequests: 4,
      events: 1,
      s3Writes: 0.5,
      s3Reads: 1.5,
      logMegabytes: 0.0015,
      archivedMegabytes: 0.0006,
      traces: 0.03,
    });
    expect(consumptionOf(AMOUNTS, 2, { ...facts, hasPlatformLog: false }).logMegabytes).toBe(0.0005);
    const byHand =
      7 * 0.7115 +
      0.1423 +
      3.5 +
      2 * 0.2 +
      0.1 * 13.3334 +
      4 * 0.5 +
      1 +
      0.5 * 5.5 +
      1.5 * 0.44 +
      0.0015 * 670 +
      0.0006 * 100 +
      0.03 * 5;
    expect(dollarsOf(consumption) * 1_000_000).toBeCloseTo(byHand, 9);
  });

  it.each([
    [{ 'write t': 16, 'read t': 4 }, true],
    [{ 'write t': 17, 'read t': 4 }, false],
    [{ 'write t': 16, 'read t': 4.5 }, false],
    [{ 'write t': 16, 'read t': 4, 'log bytes': 2000 }, true],
    [{ 'write t': 16, 'read t': 4, 'log bytes': 2002 }, false],
  ])('for two imports that consumed %j meets the goals: %s', (imports, isMet) => {
    const measured = { imports, rows: {}, validations: {}, statuses: {} };
    const report = reportOn(measured, { imports: 2, rows: 1, atOnce: 1 }, facts);
    expect(report.isMet).toBe(isMet);
    expect(report.text.includes('MISSED')).toBe(!isMet);
  });

  it('adds up amounts by the prefix of their names', () => {
    expect(sumOf(AMOUNTS, 'write ')).toBe(14);
  });
});

describe('the idle cost of an environment', () => {
  const alarm = (...metrics: number[]) => ({
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      AlarmName: 'some',
      Metrics: [{ Expression: 'a + b' }, ...metrics.map(() => ({ MetricStat: {} }))],
    },
  });
  const dollarsBy = (...resources: TemplateResource[]) =>
    Object.fromEntries(
      idleCosts(resources).map(({ resource, dollars }) => [resource, Number(dollars.toFixed(4))]),
    );

  it('adds up the resources of its template', () => {
    const costs = dollarsBy(
      alarm(1, 2),
      { Type: 'AWS::CloudWatch::Alarm', Properties: { AlarmName: 'one', MetricName: 'm' } },
      { Type: 'AWS::CloudWatch::Alarm', Properties: { MetricName: 'm' } },
      { Type: 'AWS::CloudWatch::Dashboard' },
      { Type: 'AWS::KMS::Key' },
      { Type: 'AWS::WAFv2::WebACL', Properties: { Rules: [{}, {}] } },
      { Type: 'AWS::Lambda::EventSourceMapping' },
    );
    expect(costs).toMatchObject({
      'Metrics of alarms': 0.3,
      'Alarms of canary deployments': 0.1,
      Dashboards: 3,
      'KMS keys': 1,
      'WAF web ACLs': 5,
      'WAF rules': 2,
      // 15 polls a minute of 43,800, at $0.50 a million.
      'Queues that Lambda polls': 0.3285,
    });
  });

  it('is only that of the sweeps without other resources', () => {
    const costs = idleCosts([]).filter(({ dollars }) => dollars > 0);
    expect(costs.map(({ resource }) => resource)).toEqual(['Sweeps, with 50 suppliers']);
    expect(costs[0]!.dollars).toBeLessThanOrEqual(5);
  });

  it('has a column in the table, with a sum', () => {
    const table = idleTable({ one: idleCosts([{ Type: 'AWS::KMS::Key' }]), two: idleCosts([]) });
    expect(table).toMatch(/^KMS keys +\$1\.00 \(1\) +-$/m);
    expect(table).toMatch(/^dollars a month +\$\d+\.\d\d +\$\d+\.\d\d$/m);
  });
});
