import * as v from 'valibot';

/** The retentions that CloudWatch Logs takes, in days (source: PutRetentionPolicy). */
const LOG_RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
] as const;
/** How long readers' notes on a drop are kept: longer than its imports can wait, which are followed by them. */
export const PART_OUTPUT_RETENTION_DAYS = 30;

const count = (least: number, most: number) =>
  v.pipe(v.number(), v.integer(), v.minValue(least), v.maxValue(most));
/** What an event source mapping takes as its concurrency (source: Lambda, ScalingConfig). */
const concurrency = count(2, 1000);
const isTimeZone = (name: string) => Intl.supportedValuesOf('timeZone').includes(name) || name === 'UTC';

/** What differs between environments: one row each, and nothing else anywhere asks which environment it is in. */
export const Environment = v.strictObject({
  /** Stands in the name of the stack, and of all that has a name of ours: two environments of an account never collide. */
  name: v.pipe(
    v.string(),
    v.regex(/^[a-z][a-z0-9-]{0,19}$/, 'Expected a lower-case name of at most 20 characters'),
  ),
  /**
   * The AWS account that it belongs to: with credentials of another one, synthesis ends with an error. Absent, for environments that
   * anybody may deploy: the account of the credentials.
   */
  account: v.optional(v.pipe(v.string(), v.regex(/^\d{12}$/, 'Expected the twelve digits of an account'))),
  /** The AWS region that it is in; absent: the region of the credentials. */
  region: v.optional(
    v.pipe(v.string(), v.regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'Expected a region such as ap-southeast-2')),
  ),
  /** Keeps data when the stack goes, and refuses to delete tables or stack. */
  isProtected: v.boolean(),
  /** Encrypts with a key of the environment's own rather than with AWS's: about a dollar a month, and its use can be watched and ended. */
  hasCustomerKey: v.boolean(),
  pointInTimeRecovery: v.boolean(),
  logRetentionDays: v.picklist(LOG_RETENTION_DAYS, 'Expected a retention that CloudWatch takes'),
  /** Whether API Gateway logs each call: needs a role in the account's settings (docs/operations.md, "Prepare an account"). */
  hasAccessLog: v.boolean(),
  /** How long API Gateway believes the authorizer: a revoked token works at most this much longer. */
  authorizerCacheSeconds: count(0, 3600),
  /**
   * Minutes for which a new version of each function gets a tenth of its calls before it gets all; errors of it in that time undo the
   * deployment. Absent: it gets all at once. The numbers are CodeDeploy's (source: CodeDeploy, "Predefined deployment configurations
   * for an AWS Lambda compute platform").
   */
  canaryMinutes: v.optional(v.picklist([5, 10, 15, 30], 'Expected 5, 10, 15 or 30')),
  /** Requests a second to each method of each path, and how many may come at once: above them, 429. */
  methodThrottle: v.strictObject({ requestsPerSecond: count(1, 10_000), burstRequests: count(1, 5000) }),
  /** AWS WAF in front of the API (some $6 a month and $0.60 a million requests); absent: none. */
  firewall: v.optional(
    v.strictObject({
      /** Requests of one address in five minutes: above them, 429 (source: AWS WAF, rate-based rules: at least 10). */
      requestsPerAddressMax: count(10, 2_000_000_000),
    }),
  ),
  /**
   * Write units a second that import processes, their listing and supply points take from the first second on; paid for once. Absent:
   * DynamoDB's 4,000, which grow with use (source: DynamoDB guide, "Warm throughput"; more than 40,000 need another quota).
   */
  warmWriteUnits: v.optional(count(4001, 40_000)),
  /** Batches of ten imports that are worked on at a time. */
  workerConcurrencyMax: concurrency,
  /** The same for imports that came in drops: their own limit, so that a file of millions leaves the endpoints' imports alone. */
  bulkConcurrencyMax: concurrency,
  drops: v.strictObject({
    /** Size of the byte ranges that a file is read in. */
    rangeMiB: v.pipe(v.number(), v.gtValue(0), v.maxValue(64)),
    /** Rows of a part of what has to be read as one stream. */
    streamPartRows: count(1, 100_000),
    /** How long a reader has for a part; a part that was dropped in the middle is read again after six times as long. */
    readerTimeoutSeconds: count(10, 900),
    /** Parts that are read at a time. */
    readersMax: concurrency,
    /** How long dropped files, their reports and the records of drops are kept: they hold personal data. */
    keptDays: count(PART_OUTPUT_RETENTION_DAYS, 3650),
  }),
  /**
   * Days after which supply points expire, from their creation, and records of imports with their payloads, from their end; absent: never.
   * Longer than a drop's imports are followed.
   */
  personalDataDays: v.optional(count(PART_OUTPUT_RETENTION_DAYS, 3650)),
  /** Who is told of alarms: confirms a mail from AWS once. Absent, which a protected environment cannot have: nobody. */
  alarmEmail: v.optional(v.pipe(v.string(), v.email())),
  /** Has AWS Budgets tell the same address when a month's cost comes near this; absent: no budget. */
  budget: v.optional(v.strictObject({ dollarsAMonth: count(1, 1_000_000) })),
  /** IANA time zone of the times in answers (source: the contract, "Status body"). */
  timeZone: v.pipe(v.string(), v.check(isTimeZone, 'Expected an IANA time zone')),
  /** Whether callers may ask for made-up answers; never where the data is real. */
  scenariosAllowed: v.boolean(),
  /** The API's own name, with its certificate in the region of the stack; absent: the one that API Gateway gives it. */
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
  /** On everything that the environment has, beside `environment`, which is its name. */
  tags: v.record(
    v.pipe(v.string(), v.regex(/^(?!aws:)[\w.:/=+@ -]{1,128}$/, 'Expected a name that AWS takes for a tag')),
    v.string(),
  ),
});
export type Environment = v.InferOutput<typeof Environment>;

/** What a row must be as a whole. */
const CheckedEnvironment = v.pipe(
  Environment,
  v.forward(
    v.check(
      ({ isProtected, pointInTimeRecovery }) => pointInTimeRecovery || !isProtected,
      'What is protected must be recoverable',
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
      'What is protected needs somebody who is told of alarms',
    ),
    ['alarmEmail'],
  ),
  v.forward(
    v.check(
      ({ alarmEmail, budget }) => alarmEmail !== undefined || budget === undefined,
      'A budget needs the address that is told of it',
    ),
    ['alarmEmail'],
  ),
  v.forward(
    v.check(({ isProtected, region }) => region !== undefined || !isProtected, 'What is protected needs it'),
    ['region'],
  ),
  v.forward(
    v.check(
      // A Regional endpoint takes a certificate of its own region (source: API Gateway, "Regional custom domain names").
      ({ domain, region }) => [undefined, region].includes(domain?.certificateArn.split(':')[3]),
      'The certificate must be in the environment’s region',
    ),
    ['domain'],
  ),
  v.forward(
    v.check(
      ({ name, scenariosAllowed }) => !(name === 'prod' && scenariosAllowed),
      'Made-up answers are not for prod',
    ),
    ['scenariosAllowed'],
  ),
  v.forward(
    v.check(({ tags }) => !('environment' in tags), 'The tag environment is the row’s name'),
    ['tags'],
  ),
);

/** The name of an environment's stack. */
export const stackNameOf = ({ name }: Pick<Environment, 'name'>): string => `supply-point-import-${name}`;

/** Thrown for an environment that does not exist or has impossible settings. Its message is one line for the person who deploys. */
export class EnvironmentError extends Error {
  override name = 'EnvironmentError';
}

/**
 * Refuses to go on in another account than the row's.
 *
 * @param credentialsAccount the account of the credentials; undefined where there are none, as in a synthesis that is not deployed
 * @throws EnvironmentError
 */
export function assertAccount(environment: Environment, credentialsAccount: string | undefined): void {
  const { name, account } = environment;
  if (account === undefined || credentialsAccount === undefined || account === credentialsAccount) return;
  throw new EnvironmentError(
    `The environment "${name}" belongs to the account ${account}, and these credentials to ${credentialsAccount}: use others, or set its account in infra/environments.ts.`,
  );
}

/** The row, if it is one. @throws EnvironmentError naming the row and each field that is wrong. */
export function checkedEnvironment(row: Environment): Environment {
  const checked = v.safeParse(CheckedEnvironment, row);
  if (checked.success) return checked.output;
  const wrong = checked.issues.map((issue) => `${v.getDotPath(issue) ?? 'the row'}: ${issue.message}`);
  throw new EnvironmentError(`The environment "${row.name}" cannot be: ${wrong.join('; ')}.`);
}
