import * as v from 'valibot';

/** The retention periods that CloudWatch Logs accepts, in days (source: PutRetentionPolicy). */
const LOG_RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
] as const;
/**
 * Retention of the readers' output for a drop (the objects under `parts/`), in days. It is longer than an import of the drop can wait,
 * because the report is written from this output once the imports have ended.
 */
export const PART_OUTPUT_RETENTION_DAYS = 30;

const count = (least: number, most: number) =>
  v.pipe(v.number(), v.integer(), v.minValue(least), v.maxValue(most));
/** The maximum concurrency of an event source mapping (source: Lambda, ScalingConfig). */
const concurrency = count(2, 1000);
const isTimeZone = (name: string) => Intl.supportedValuesOf('timeZone').includes(name) || name === 'UTC';

/** The settings of an environment, one row each. No other code depends on an environment's name. */
export const Environment = v.strictObject({
  /** Part of the names of the stack, the API, the alarms and the dashboard. Environments in one account do not collide. */
  name: v.pipe(
    v.string(),
    v.regex(/^[a-z][a-z0-9-]{0,19}$/, 'Expected a lower-case name of at most 20 characters'),
  ),
  /**
   * The AWS account. Synthesis fails with credentials of another account. Default: the account of the credentials, for environments
   * that anybody may deploy.
   */
  account: v.optional(v.pipe(v.string(), v.regex(/^\d{12}$/, 'Expected the twelve digits of an account'))),
  /** The AWS region. Default: the region of the credentials. */
  region: v.optional(
    v.pipe(v.string(), v.regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'Expected a region such as ap-southeast-2')),
  ),
  /** Turns on termination and deletion protection, and retains tables and bucket when the stack is deleted. */
  isProtected: v.boolean(),
  /** Encrypts with a customer-managed KMS key instead of AWS's keys. It costs about $1 a month. Its use can be audited and revoked. */
  hasCustomerKey: v.boolean(),
  pointInTimeRecovery: v.boolean(),
  logRetentionDays: v.picklist(LOG_RETENTION_DAYS, 'Expected a retention that CloudWatch accepts'),
  /** Whether API Gateway logs each request. It needs a role in the account's settings (docs/operations.md, "Prepare an account"). */
  hasAccessLog: v.boolean(),
  /** How long API Gateway caches the authorizer's result, in seconds. A revoked token works for at most this long. */
  authorizerCacheSeconds: count(0, 3600),
  /**
   * Minutes for which a new version of each function gets 10 % of the invocations. Errors of that version roll the deployment back.
   * Default: no canary, all invocations at once. The values are those of CodeDeploy (source: CodeDeploy, "Predefined deployment
   * configurations for an AWS Lambda compute platform").
   */
  canaryMinutes: v.optional(v.picklist([5, 10, 15, 30], 'Expected 5, 10, 15 or 30')),
  /** Rate limit in requests per second, and burst limit, of each method of each path. Requests above them get 429. */
  methodThrottle: v.strictObject({ requestsPerSecond: count(1, 10_000), burstRequests: count(1, 5000) }),
  /** AWS WAF in front of the API (about $6 a month and $0.60 per million requests). Default: none. */
  firewall: v.optional(
    v.strictObject({
      /** Requests from one IP address in five minutes. More get 429 (source: AWS WAF, rate-based rules: at least 10). */
      requestsPerAddressMax: count(10, 2_000_000_000),
    }),
  ),
  /**
   * Warm throughput of the tables of import processes and supply points and of the listing index, in write units per second; paid for
   * once. Default: DynamoDB's 4,000, which grow with use (source: DynamoDB guide, "Warm throughput"; more than 40,000 need another quota).
   */
  warmWriteUnits: v.optional(count(4001, 40_000)),
  /** Concurrent batches of ten imports that were submitted over the API. */
  workerConcurrencyMax: concurrency,
  /** Concurrent batches of ten imports from drops. The separate limit keeps a large file from delaying the API's imports. */
  bulkConcurrencyMax: concurrency,
  drops: v.strictObject({
    /** Size of the byte ranges of a file, in MiB. A reader processes one range at a time. */
    rangeMiB: v.pipe(v.number(), v.gtValue(0), v.maxValue(64)),
    /** Rows of a part of a file that can only be read as one stream. */
    streamPartRows: count(1, 100_000),
    /** Timeout of the reader, in seconds. An interrupted part is read again after six times as long. */
    readerTimeoutSeconds: count(10, 900),
    /** Parts that are read concurrently. */
    readersMax: concurrency,
    /** Retention of dropped files, reports and records of drops, in days. They contain personal data. */
    keptDays: count(PART_OUTPUT_RETENTION_DAYS, 3650),
  }),
  /**
   * Days until personal data expires: a supply point from its creation, an import's record and payload from its final status. Default:
   * never. The minimum is the longest time for which a drop waits for its imports.
   */
  personalDataDays: v.optional(count(PART_OUTPUT_RETENTION_DAYS, 3650)),
  /** Email address for alarms; its owner confirms the subscription once. Required in a protected environment. Default: none. */
  alarmEmail: v.optional(v.pipe(v.string(), v.email())),
  /** Monthly budget. AWS Budgets notifies the same address before the cost reaches it. Default: no budget. */
  budget: v.optional(v.strictObject({ dollarsAMonth: count(1, 1_000_000) })),
  /** IANA time zone of the times in responses (source: the contract, "Status body"). */
  timeZone: v.pipe(v.string(), v.check(isTimeZone, 'Expected an IANA time zone')),
  /** Whether scenarios (docs/scenarios.md) simulate responses for some identifiers. Not allowed in `prod`. */
  scenariosAllowed: v.boolean(),
  /** A custom domain of the API, with its certificate in the stack's region. Default: API Gateway's domain name. */
  domain: v.optional(
    v.strictObject({
      name: v.pipe(v.string(), v.regex(/^([a-z0-9-]+\.)+[a-z]{2,}$/, 'Expected a domain name')),
      certificateArn: v.pipe(
        v.string(),
        v.regex(
          /^arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate\/\S+$/,
          'Expected the ARN of a certificate',
        ),
      ),
    }),
  ),
  /** Tags of all resources. The tag `environment` is added with the environment's name. */
  tags: v.record(
    v.pipe(
      v.string(),
      v.regex(/^(?!aws:)[\w.:/=+@ -]{1,128}$/, 'Expected a name that AWS accepts for a tag'),
    ),
    v.string(),
  ),
});
export type Environment = v.InferOutput<typeof Environment>;

/** The schema with the checks across several fields. */
const CheckedEnvironment = v.pipe(
  Environment,
  v.forward(
    v.check(
      ({ isProtected, pointInTimeRecovery }) => pointInTimeRecovery || !isProtected,
      'A protected environment needs point-in-time recovery',
    ),
    ['pointInTimeRecovery'],
  ),
  v.forward(
    v.check(
      ({ isProtected, account }) => account !== undefined || !isProtected,
      'What is protected needs it',
    ),
    ['account'],
  ),
  v.forward(
    v.check(
      ({ isProtected, alarmEmail }) => alarmEmail !== undefined || !isProtected,
      'A protected environment needs an address for alarms',
    ),
    ['alarmEmail'],
  ),
  v.forward(
    v.check(
      ({ alarmEmail, budget }) => alarmEmail !== undefined || budget === undefined,
      'A budget needs an address for its notifications',
    ),
    ['alarmEmail'],
  ),
  v.forward(
    v.check(({ isProtected, region }) => region !== undefined || !isProtected, 'What is protected needs it'),
    ['region'],
  ),
  v.forward(
    v.check(
      // A Regional endpoint accepts only a certificate of its own region (source: API Gateway, "Regional custom domain names").
      ({ domain, region }) => [undefined, region].includes(domain?.certificateArn.split(':')[3]),
      'The certificate must be in the environment’s region',
    ),
    ['domain'],
  ),
  v.forward(
    v.check(
      ({ name, scenariosAllowed }) => !(name === 'prod' && scenariosAllowed),
      'Scenarios are not allowed in prod',
    ),
    ['scenariosAllowed'],
  ),
  v.forward(
    v.check(({ tags }) => !('environment' in tags), 'The tag environment is set to the row’s name'),
    ['tags'],
  ),
);

/** The name of an environment's stack. */
export const stackNameOf = ({ name }: Pick<Environment, 'name'>): string => `supply-point-import-${name}`;

/** Thrown for an environment that does not exist or has invalid settings. Its message is one line. */
export class EnvironmentError extends Error {
  override name = 'EnvironmentError';
}

/**
 * Checks that the credentials belong to the account in the environment's row.
 *
 * @param credentialsAccount the account of the credentials; undefined without credentials, for a synthesis that is not deployed
 * @throws EnvironmentError for another account
 */
export function assertAccount(environment: Environment, credentialsAccount: string | undefined): void {
  const { name, account } = environment;
  if (account === undefined || credentialsAccount === undefined || account === credentialsAccount) return;
  throw new EnvironmentError(
    `The environment "${name}" belongs to the account ${account}, and these credentials to ${credentialsAccount}: use others, or set its account in infra/environments.ts.`,
  );
}

/** Returns the row after validation. @throws EnvironmentError with the row's name and each invalid field */
export function checkedEnvironment(row: Environment): Environment {
  const checked = v.safeParse(CheckedEnvironment, row);
  if (checked.success) return checked.output;
  const wrong = checked.issues.map((issue) => `${v.getDotPath(issue) ?? 'the row'}: ${issue.message}`);
  throw new EnvironmentError(`The environment "${row.name}" cannot be: ${wrong.join('; ')}.`);
}
