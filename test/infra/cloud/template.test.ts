import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { functionNames } from '../../../infra/cloud/bundles.ts';
import type { Environment } from '../../../infra/environment.ts';
import { ENVIRONMENT_NAMES, environmentNamed } from '../../../infra/environments.ts';
import { functionNameOf } from '../../../infra/local/resource.ts';
import { loadTemplate } from '../../../infra/local/template.ts';
import { DETAIL_TYPES } from '../../../shared/events/outcome-schemas.ts';
import { checkedSynthesis } from './checked-synthesis.ts';
import { readableTemplates } from './snapshot.ts';

const synthesized = checkedSynthesis();
const SNAPSHOTS = join(import.meta.dirname, 'snapshots');

/** Rows with the longest name and with other combinations of settings, because any valid row must pass. */
const POSSIBLE_ROWS: readonly Environment[] = [
  {
    ...environmentNamed('dev'),
    name: 'aaaaaaaaaaaaaaaaaaaa',
    hasCustomerKey: true,
    pointInTimeRecovery: true,
  },
  {
    ...environmentNamed('prod'),
    name: 'possible-row-of-many',
    hasCustomerKey: false,
    hasAccessLog: false,
    alarmEmail: 'mickey.mouse@example.org',
    domain: {
      name: 'imports.example.org',
      certificateArn: 'arn:aws:acm:ap-southeast-2:000000000000:certificate/one',
    },
  },
];

describe.each([...ENVIRONMENT_NAMES.map(environmentNamed), ...POSSIBLE_ROWS])(
  'the template of $name',
  (environment) => {
    const { name } = environment;
    const { assembly, resources, of } = synthesized(environment);

    it.runIf(ENVIRONMENT_NAMES.includes(name))(
      'matches the reviewed snapshot: `npx vitest run test/infra/cloud -u` updates it',
      async () => {
        const file = join(SNAPSHOTS, `${name}.yaml`);
        const text = readableTemplates(assembly.directory);
        // Vitest writes no new snapshot in CI: the first one of a new row is written here.
        if (!existsSync(file)) writeFileSync(file, text);
        await expect(text).toMatchFileSnapshot(file);
      },
    );

    it('is one stack, with termination protection if the row is protected', () => {
      expect(assembly.stacks).toHaveLength(1);
      expect(assembly.stacks[0]!.terminationProtection ?? false).toBe(environment.isProtected);
    });

    it('has a function for each file in functions/, on arm64 and Node 24, with a log group with retention', () => {
      const functions = of('AWS::Lambda::Function');
      expect(functions).toHaveLength(functionNames().length);
      for (const { Properties } of functions) {
        expect(Properties).toMatchObject({ Runtime: 'nodejs24.x', Architectures: ['arm64'] });
        expect(Properties['LoggingConfig']).toMatchObject({ LogFormat: 'JSON', LogGroup: expect.anything() });
      }
      const logs = of('AWS::Logs::LogGroup');
      expect(logs).toHaveLength(functions.length + (environment.hasAccessLog ? 1 : 0));
      for (const { Properties } of logs)
        expect(Properties['RetentionInDays']).toBe(environment.logRetentionDays);
    });

    it('has warm throughput on the tables and the index of imports if the row sets it', () => {
      const { warmWriteUnits } = environment;
      const warm = of('AWS::DynamoDB::Table').flatMap(
        ({ Properties: { WarmThroughput, GlobalSecondaryIndexes } }) => [
          WarmThroughput,
          ...((GlobalSecondaryIndexes ?? []) as { WarmThroughput?: unknown }[]).map(
            (index) => index.WarmThroughput,
          ),
        ],
      );
      const expected = { WriteUnitsPerSecond: warmWriteUnits };
      expect(warm.filter((each) => each !== undefined)).toEqual(
        warmWriteUnits === undefined ? [] : [expected, expected, expected],
      );
    });

    it('has on-demand tables, protected and with point-in-time recovery as the row sets it', () => {
      const tables = of('AWS::DynamoDB::Table');
      expect(tables.length).toBe(4);
      for (const { Properties, DeletionPolicy } of tables) {
        expect(Properties['BillingMode']).toBe('PAY_PER_REQUEST');
        expect(Properties['DeletionProtectionEnabled']).toBe(environment.isProtected);
        expect(Properties['PointInTimeRecoverySpecification']).toEqual({
          PointInTimeRecoveryEnabled: environment.pointInTimeRecovery,
        });
        expect(DeletionPolicy).toBe(environment.isProtected ? 'RetainExceptOnCreate' : 'Delete');
      }
    });

    it('expires personal data after the row’s days, and records of drops together with their files', () => {
      const specified = of('AWS::DynamoDB::Table').map(
        ({ Properties }) => Properties['TimeToLiveSpecification'],
      );
      const bySeconds = { AttributeName: 'expires_at_seconds', Enabled: true };
      const { personalDataDays } = environment;
      expect(specified).toEqual([
        ...Array(2).fill(personalDataDays === undefined ? undefined : bySeconds),
        undefined,
        bySeconds,
      ]);
      const settings = of('AWS::Lambda::Function').map(
        ({ Properties }) => (Properties['Environment'] as { Variables: Record<string, string> }).Variables,
      );
      const daysOf = (setting: string) =>
        settings.flatMap(({ POWERTOOLS_SERVICE_NAME: name, [setting]: days }) =>
          days === undefined ? [] : [[name, Number(days)]],
        );
      expect(daysOf('PERSONAL_DATA_DAYS').sort()).toEqual(
        personalDataDays === undefined
          ? []
          : ['cancel', 'dead-letter', 'worker'].map((writer) => [writer, personalDataDays]),
      );
      expect(daysOf('DROP_RECORD_DAYS').sort()).toEqual(
        ['drop-dead-letter', 'drop-planner', 'drop-reader', 'worker'].map((writer) => [
          writer,
          environment.drops.keptDays,
        ]),
      );
    });

    it('gives every queue six times its function’s timeout, and a dead-letter queue unless it is one', () => {
      const resources = loadTemplate(assembly.directory, `supply-point-import-${name}`, {
        queueUrl: (queue) => queue,
      });
      const ofType = (type: string) => resources.filter((resource) => resource.type === type);
      const queues = new Map(ofType('AWS::SQS::Queue').map((queue) => [queue.name, queue.properties()]));
      const functions = new Map(
        ofType('AWS::Lambda::Function').map((each) => [each.name, each.properties()]),
      );
      const read = ofType('AWS::Lambda::EventSourceMapping').map((mapping) => mapping.properties());
      expect(read.length).toBe(queues.size);
      const nameOf = (arn: unknown) => String(arn).split(':').at(-1)!;
      for (const { EventSourceArn, FunctionName, FunctionResponseTypes } of read) {
        const queue = queues.get(nameOf(EventSourceArn))!;
        const timeout = Number(functions.get(functionNameOf(String(FunctionName)))!['Timeout']);
        expect(Number(queue['VisibilityTimeout'])).toBeGreaterThanOrEqual(6 * timeout);
        expect(queue['KmsMasterKeyId'] !== undefined).toBe(environment.hasCustomerKey);
        expect(queue['SqsManagedSseEnabled'] ?? false).toBe(!environment.hasCustomerKey);
        expect(FunctionResponseTypes).toEqual(['ReportBatchItemFailures']);
        const isDeadLetterQueue = /dead-letter$/.test(nameOf(EventSourceArn));
        expect(queue['RedrivePolicy'] !== undefined).toBe(!isDeadLetterQueue);
      }
    });

    it('moves the messages of both import queues to the dead-letter queue after 1,000 deliveries', () => {
      const deliveries = of('AWS::SQS::Queue').flatMap(({ Properties }) => {
        const redrive = Properties['RedrivePolicy'] as { maxReceiveCount: number } | undefined;
        return redrive === undefined ? [] : [redrive.maxReceiveCount];
      });
      expect(deliveries.sort((a, b) => a - b)).toEqual([5, 10, 1000, 1000]);
    });

    it('requires the authorizer on every route with data', () => {
      const methods = of('AWS::ApiGateway::Method').map(({ Properties }) => Properties);
      const authorized = methods.filter(({ AuthorizationType }) => AuthorizationType === 'CUSTOM');
      const count = (method: string) => authorized.filter(({ HttpMethod }) => HttpMethod === method).length;
      expect(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'ANY'].map(count)).toEqual([13, 13, 11, 2, 2, 23]);
      const open = methods.filter(({ AuthorizationType }) => AuthorizationType === 'NONE');
      const answering = open.filter(({ HttpMethod }) => HttpMethod !== 'ANY');
      const opened = answering.map(({ HttpMethod, Integration }) => [
        HttpMethod,
        /importapi(\w+?)live[0-9A-F]{8}/.exec(JSON.stringify(Integration))?.[1],
      ]);
      expect(opened.sort()).toEqual([
        ['GET', 'health'],
        ['GET', 'home'],
        ...Array(5).fill(['GET', 'site']),
        ['HEAD', 'health'],
        ['HEAD', 'home'],
        ...Array(5).fill(['HEAD', 'site']),
      ]);
    });

    it('requires TLS 1.2 or later on the default endpoint', () => {
      expect(of('AWS::ApiGateway::RestApi')).toMatchObject([
        { Properties: { SecurityPolicy: expect.stringMatching(/TLS13_1_2/), EndpointAccessMode: 'STRICT' } },
      ]);
    });

    it('throttles each method as in the row, and limits IP addresses if the row has a firewall', () => {
      const { methodThrottle, firewall } = environment;
      const [stage] = of('AWS::ApiGateway::Stage');
      expect(stage!.Properties['MethodSettings']).toMatchObject([
        {
          ResourcePath: '/*',
          HttpMethod: '*',
          ThrottlingRateLimit: methodThrottle.requestsPerSecond,
          ThrottlingBurstLimit: methodThrottle.burstRequests,
        },
      ]);
      const limits = of('AWS::WAFv2::WebACL').map(({ Properties: { Rules } }) => Rules);
      expect(limits).toMatchObject(
        firewall === undefined
          ? []
          : [[{ Statement: { RateBasedStatement: { Limit: firewall.requestsPerAddressMax } } }]],
      );
      expect(of('AWS::WAFv2::WebACLAssociation')).toHaveLength(limits.length);
    });

    it('sends alarms and budget notifications to the row’s address, which a protected environment must have', () => {
      const subscriptions = of('AWS::SNS::Subscription').map(({ Properties }) => Properties['Endpoint']);
      expect(subscriptions).toEqual(environment.alarmEmail === undefined ? [] : [environment.alarmEmail]);
      expect(subscriptions.length >= (environment.isProtected ? 1 : 0)).toBe(true);
      const budgets = of('AWS::Budgets::Budget').map(({ Properties }) => Properties['Budget']);
      expect(budgets).toMatchObject(
        environment.budget === undefined
          ? []
          : [{ BudgetLimit: { Amount: environment.budget.dollarsAMonth }, TimeUnit: 'MONTHLY' }],
      );
    });

    it('publishes the names that consumers need as outputs and as parameters', () => {
      const outputs = Object.keys(
        JSON.parse(
          readFileSync(join(assembly.directory, `supply-point-import-${name}.template.json`), 'utf8'),
        ).Outputs as object,
      );
      expect(outputs).toEqual(
        expect.arrayContaining([
          'ApiUrl',
          'OutcomesBus',
          'DropsBucket',
          'ImportsQueue',
          'BulkImportsQueue',
          'AlarmsTopic',
        ]),
      );
      const parameters = of('AWS::SSM::Parameter').map(({ Properties }) => Properties['Name']);
      expect(parameters.sort()).toEqual(
        outputs.map((output) => `/supply-point-import/${name}/${output}`).sort(),
      );
    });

    it('archives the outcomes of imports, and has a schema for each type of event', () => {
      expect(of('AWS::Events::Archive')).toMatchObject([
        { Properties: { RetentionDays: 30, EventPattern: { source: ['supply-point-import'] } } },
      ]);
      expect(of('AWS::EventSchemas::Schema').map(({ Properties }) => Properties['SchemaName'])).toEqual(
        Object.values(DETAIL_TYPES).map((detailType) => `supply-point-import@${detailType}`),
      );
    });

    it('invokes the functions by their alias only, and retains their versions', () => {
      const versions = of('AWS::Lambda::Version');
      expect(versions).toHaveLength(functionNames().length);
      for (const { DeletionPolicy } of versions) expect(DeletionPolicy).toBe('RetainExceptOnCreate');
      const ids = resources.map(({ Type, Properties }) => ({ Type, text: JSON.stringify(Properties ?? {}) }));
      const callers = ids.filter(({ Type }) =>
        [
          'AWS::ApiGateway::Method',
          'AWS::ApiGateway::Authorizer',
          'AWS::Lambda::EventSourceMapping',
          'AWS::Lambda::Permission',
          'AWS::Events::Rule',
        ].includes(Type),
      );
      expect(callers.length).toBeGreaterThan(30);
      for (const { Type, text } of callers) expect(text, Type).toMatch(/"Ref":"\w+live[0-9A-F]{8}"/);
    });

    it('deploys new versions with the row’s canary, and rolls back on errors', () => {
      const { canaryMinutes } = environment;
      const groups = of('AWS::CodeDeploy::DeploymentGroup').map(({ Properties }) => Properties);
      const aliases = of('AWS::Lambda::Alias');
      expect(aliases).toHaveLength(functionNames().length);
      expect(groups).toHaveLength(canaryMinutes === undefined ? 0 : aliases.length);
      expect(of('AWS::CodeDeploy::Application')).toHaveLength(canaryMinutes === undefined ? 0 : 1);
      for (const { UpdatePolicy } of aliases)
        expect(UpdatePolicy?.['CodeDeployLambdaAliasUpdate'] !== undefined).toBe(canaryMinutes !== undefined);
      for (const group of groups) {
        expect(group).toMatchObject({
          DeploymentConfigName: `CodeDeployDefault.LambdaCanary10Percent${canaryMinutes}Minutes`,
          AlarmConfiguration: {
            Enabled: true,
            Alarms: [{ Name: { Ref: expect.stringContaining('newversionerrors') } }],
          },
          AutoRollbackConfiguration: {
            Enabled: true,
            Events: expect.arrayContaining(['DEPLOYMENT_FAILURE', 'DEPLOYMENT_STOP_ON_ALARM']),
          },
        });
      }
      const watched = of('AWS::CloudWatch::Alarm').filter(({ Properties }) =>
        JSON.stringify(Properties).includes('"ExecutedVersion"'),
      );
      expect(watched).toHaveLength(groups.length);
    });

    it('grants no wildcard action', () => {
      const actions = of('AWS::IAM::Policy').flatMap(({ Properties }) =>
        (Properties['PolicyDocument'] as { Statement: { Action: string | string[] }[] }).Statement.flatMap(
          ({ Action }) => Action,
        ),
      );
      expect(actions.length).toBeGreaterThan(10);
      expect(actions.filter((action) => action.includes('*'))).toEqual([]);
    });
  },
);

it('each snapshot belongs to a row of infra/environments.ts', () => {
  const files = readdirSync(SNAPSHOTS).map((file) => file.replace(/\.yaml$/, ''));
  expect(files.filter((name) => !ENVIRONMENT_NAMES.includes(name))).toEqual([]);
});

it('the key’s policy allows S3 and CloudWatch to notify as in their guides, without conditions', () => {
  const [key] = synthesized(environmentNamed('prod')).of('AWS::KMS::Key');
  const { Statement } = key!.Properties['KeyPolicy'] as { Statement: Record<string, unknown>[] };
  const of = (service: string) =>
    Statement.filter(({ Principal }) => (Principal as { Service?: string }).Service === service);
  const statement = { Effect: 'Allow', Resource: '*' };
  expect(of('s3.amazonaws.com').map(({ Sid: _, ...rest }) => rest)).toEqual([
    {
      ...statement,
      Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
      Principal: { Service: 's3.amazonaws.com' },
    },
  ]);
  expect(of('cloudwatch.amazonaws.com').map(({ Sid: _, ...rest }) => rest)).toEqual([
    {
      ...statement,
      Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
      Principal: { Service: 'cloudwatch.amazonaws.com' },
    },
  ]);
});

it('an environment with an account is synthesized for this account, and one without for any', () => {
  const target = (name: string) => synthesized(environmentNamed(name)).assembly.stacks[0]!.environment;
  expect(target('dev')).toMatchObject({ account: 'unknown-account', region: 'unknown-region' });
  const { account, region } = environmentNamed('prod');
  expect(target('prod')).toMatchObject({ account, region });
});
