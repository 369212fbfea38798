/** What is paid for. */
export type PricedThing =
  | 'writeUnits'
  | 'readUnits'
  | 'apiRequests'
  | 'invocations'
  | 'gigabyteSeconds'
  | 'sqsRequests'
  | 'events'
  | 's3Writes'
  | 's3Reads'
  | 'logMegabytes';

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
};

/** What Lambda itself writes to a log with each invocation, in bytes: platform.start and platform.report, as JSON. Assumed. */
export const PLATFORM_LOG_BYTES = 500;
