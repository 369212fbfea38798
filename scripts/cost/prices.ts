/** Resources that AWS bills by use. */
export type BilledResource =
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

type Price = { name: string; dollarsPerMillion: number; page: string; isAssumed?: true };

export const PRICES_REGION = 'ap-southeast-2 (Sydney)';
/** Month in which the prices were looked up. They are not fetched: newer ones must be entered here. */
export const PRICES_DATE = '2025-06';

/**
 * Public on-demand prices in US dollars, for the first tier, without free tiers, taxes and storage. `page` is the title of the source on
 * aws.amazon.com. `isAssumed` marks prices that could not be looked up for this region.
 */
export const PRICES: Readonly<Record<BilledResource, Price>> = {
  // Half of 1.4231 and 0.2846: AWS halved the on-demand prices on 2024-11-01. In us-east-1 they are 0.625 and 0.125.
  writeUnits: {
    name: 'DynamoDB write units',
    dollarsPerMillion: 0.7115,
    page: 'Amazon DynamoDB pricing for on-demand capacity',
    isAssumed: true,
  },
  readUnits: {
    name: 'DynamoDB read units',
    dollarsPerMillion: 0.1423,
    page: 'Amazon DynamoDB pricing for on-demand capacity',
    isAssumed: true,
  },
  apiRequests: {
    name: 'API requests (REST)',
    dollarsPerMillion: 3.5,
    page: 'Amazon API Gateway pricing',
    isAssumed: true,
  },
  invocations: { name: 'Lambda invocations', dollarsPerMillion: 0.2, page: 'AWS Lambda pricing' },
  gigabyteSeconds: {
    name: 'Lambda GB-seconds (arm64)',
    dollarsPerMillion: 13.3334,
    page: 'AWS Lambda pricing',
  },
  sqsRequests: {
    name: 'SQS requests (standard)',
    dollarsPerMillion: 0.4,
    page: 'Amazon SQS pricing',
    isAssumed: true,
  },
  // Added to the price of a standard request, for messages with a MessageGroupId (fair queues). Counted for every request: AWS does not
  // document which ones it bills.
  groupedRequests: {
    name: 'SQS, for message groups',
    dollarsPerMillion: 0.1,
    page: 'Amazon SQS pricing, "Fair queues"',
    isAssumed: true,
  },
  events: {
    name: 'EventBridge custom events',
    dollarsPerMillion: 1,
    page: 'Amazon EventBridge pricing',
    isAssumed: true,
  },
  s3Writes: {
    name: 'S3 PUT, POST, LIST',
    dollarsPerMillion: 5.5,
    page: 'Amazon S3 pricing',
    isAssumed: true,
  },
  s3Reads: { name: 'S3 GET', dollarsPerMillion: 0.44, page: 'Amazon S3 pricing', isAssumed: true },
  // $0.67 a GB.
  logMegabytes: {
    name: 'CloudWatch Logs, MB',
    dollarsPerMillion: 670,
    page: 'Amazon CloudWatch pricing',
    isAssumed: true,
  },
  // $0.10 a GB of archived events.
  archivedMegabytes: {
    name: 'EventBridge archive, MB',
    dollarsPerMillion: 100,
    page: 'Amazon EventBridge pricing',
    isAssumed: true,
  },
  traces: { name: 'X-Ray traces', dollarsPerMillion: 5, page: 'AWS X-Ray pricing', isAssumed: true },
};

/** Monthly prices in dollars of resources that are billed without requests. Sydney's are assumed to be those of us-east-1. */
export const MONTHLY_PRICES = {
  /** Source: Amazon CloudWatch pricing. For each metric of a standard-resolution alarm. */
  alarmMetrics: 0.1,
  customMetrics: 0.3,
  dashboards: 3,
  /** Source: AWS KMS pricing. */
  keys: 1,
  /** Source: AWS WAF pricing. */
  webAcl: 5,
  webAclRules: 1,
} as const;

/** Monthly prices in dollars of a stored gigabyte. Assumed for Sydney. */
export const STORAGE_PRICES = {
  /** Source: Amazon DynamoDB pricing: standard table class. Continuous backups do not include global secondary indexes. */
  tables: 0.285,
  pointInTimeRecovery: 0.228,
  /** Source: Amazon CloudWatch pricing. Stored logs are compressed; AWS assumes 0.15 of the size. */
  logs: 0.033 * 0.15,
} as const;

/** Assumed requests a second during a migration. X-Ray's one trace a second is divided by it. */
export const REQUESTS_PER_SECOND = 50;

/**
 * Assumed bytes of Lambda's own log lines for each invocation, platform.start and platform.report. Lambda omits them at the system log
 * level WARN.
 */
export const PLATFORM_LOG_BYTES = 500;
