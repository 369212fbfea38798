/** What is paid for. */
export type PricedThing =
  | 'writeUnits'
  | 'readUnits'
  | 'apiRequests'
  | 'invocations'
  | 'gigabyteSeconds'
  | 'sqsRequests'
  | 'groupedRequests'
  | 'events'
  | 's3Writes'
  | 's3Reads'
  | 'logMegabytes'
  | 'archivedMegabytes'
  | 'traces';

type Price = { what: string; dollarsPerMillion: number; page: string; isAssumed?: true };

export const PRICES_REGION = 'ap-southeast-2 (Sydney)';
/** When the prices were public. They are not fetched: what has changed since is to be changed here. */
export const PRICES_DATE = '2025-06';

/**
 * Public prices in US dollars, on demand, first tier, without free tiers, taxes and storage. `page` is the name of the page on
 * aws.amazon.com that says so. What could not be looked up for this region is marked as assumed.
 */
export const PRICES: Readonly<Record<PricedThing, Price>> = {
  // Half of 1.4231 and 0.2846: on-demand requests were halved on 2024-11-01. In us-east-1 they are 0.625 and 0.125.
  writeUnits: {
    what: 'DynamoDB write units',
    dollarsPerMillion: 0.7115,
    page: 'Amazon DynamoDB pricing for on-demand capacity',
    isAssumed: true,
  },
  readUnits: {
    what: 'DynamoDB read units',
    dollarsPerMillion: 0.1423,
    page: 'Amazon DynamoDB pricing for on-demand capacity',
    isAssumed: true,
  },
  apiRequests: {
    what: 'API requests (REST)',
    dollarsPerMillion: 3.5,
    page: 'Amazon API Gateway pricing',
    isAssumed: true,
  },
  invocations: { what: 'Lambda invocations', dollarsPerMillion: 0.2, page: 'AWS Lambda pricing' },
  gigabyteSeconds: {
    what: 'Lambda GB-seconds (arm64)',
    dollarsPerMillion: 13.3334,
    page: 'AWS Lambda pricing',
  },
  sqsRequests: {
    what: 'SQS requests (standard)',
    dollarsPerMillion: 0.4,
    page: 'Amazon SQS pricing',
    isAssumed: true,
  },
  // Beside the price of a standard request, for messages with a MessageGroupId (fair queues). Counted for each request: which ones AWS counts is not said.
  groupedRequests: {
    what: 'SQS, for message groups',
    dollarsPerMillion: 0.1,
    page: 'Amazon SQS pricing, "Fair queues"',
    isAssumed: true,
  },
  events: {
    what: 'EventBridge custom events',
    dollarsPerMillion: 1,
    page: 'Amazon EventBridge pricing',
    isAssumed: true,
  },
  s3Writes: {
    what: 'S3 PUT, POST, LIST',
    dollarsPerMillion: 5.5,
    page: 'Amazon S3 pricing',
    isAssumed: true,
  },
  s3Reads: { what: 'S3 GET', dollarsPerMillion: 0.44, page: 'Amazon S3 pricing', isAssumed: true },
  // 0.67 a GB.
  logMegabytes: {
    what: 'CloudWatch Logs, MB',
    dollarsPerMillion: 670,
    page: 'Amazon CloudWatch pricing',
    isAssumed: true,
  },
  // 0.10 a GB that an archive takes in.
  archivedMegabytes: {
    what: 'EventBridge archive, MB',
    dollarsPerMillion: 100,
    page: 'Amazon EventBridge pricing',
    isAssumed: true,
  },
  traces: { what: 'X-Ray traces', dollarsPerMillion: 5, page: 'AWS X-Ray pricing' },
};

/** Dollars a month of what costs without requests. Sydney's prices are assumed to be those of us-east-1. */
export const MONTHLY_PRICES = {
  /** Source: Amazon CloudWatch pricing; a standard-resolution alarm by each metric that it looks at. */
  alarmMetrics: 0.1,
  customMetrics: 0.3,
  dashboards: 3,
  /** Source: AWS KMS pricing. */
  keys: 1,
  /** Source: AWS WAF pricing. */
  webAcl: 5,
  webAclRules: 1,
} as const;

/** Dollars a month for a gigabyte that is kept. Assumed for Sydney. */
export const STORAGE_PRICES = {
  /** Source: Amazon DynamoDB pricing: standard table class, and continuous backups, which leave out global secondary indexes. */
  tables: 0.285,
  pointInTimeRecovery: 0.228,
  /** Source: Amazon CloudWatch pricing: compressed, which AWS assumes to be 0.15 of the size. */
  logs: 0.033 * 0.15,
} as const;

/** Requests a second while a migration runs, by which the one trace a second is shared. Assumed. */
export const REQUESTS_PER_SECOND = 50;

/** What Lambda itself writes to a log with each invocation unless its system log level is WARN, in bytes: platform.start and platform.report. Assumed. */
export const PLATFORM_LOG_BYTES = 500;
