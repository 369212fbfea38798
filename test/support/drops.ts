import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect } from 'vitest';
import type { LocalHost } from '../../infra/local/host.ts';
import { startTestHost, type TestHost } from './host.ts';

/** The fields of a drop's `summary.json` that tests use. */
export type Summary = {
  state: string;
  problem: { code: string; detail: string } | null;
  rows: Record<'read' | 'accepted' | 'already_imported' | 'in_progress' | 'duplicate' | 'invalid', number>;
  imports: Record<
    'processed' | 'errored' | 'dry_run_succeeded' | 'dry_run_errored' | 'cancelled' | 'open',
    number
  >;
  most_frequent_errors: {
    error: string;
    outcome?: string;
    detail?: string;
    suggestions?: { code: string; name: string }[];
    count: number;
    lines: number[];
  }[];
  ignored_fields: { field: string; count: number; lines: number[] }[];
  ignored_fields_not_listed: number;
  times: Record<string, string | null>;
};

/** A line of a drop's `failed.ndjson` or `already_imported.ndjson`. */
export type FailedRow = {
  line: number | null;
  offset: number;
  identifier?: string;
  outcome: string;
  errors: Record<string, unknown>;
  suggestions?: Record<string, { code: string; name: string }[]>;
};

export type DropBucket = ReturnType<typeof dropBucket>;

/** Starts a host for the tests of a file, and stops it after them. `use` receives it with its drop bucket. */
export function withDropHost(use: (started: { host: TestHost; bucket: DropBucket }) => void): void {
  let stop = async (): Promise<void> => {};
  beforeAll(async () => {
    const host = await startTestHost();
    const bucket = dropBucket(host);
    stop = async () => {
      bucket.client.destroy();
      await host.stop();
    };
    use({ host, bucket });
  });
  afterAll(() => stop());
}

/** The drop bucket with an operator's credentials. */
export function dropBucket({ endpoints }: Pick<LocalHost, 'endpoints'>) {
  const client = new S3Client({
    endpoint: endpoints.s3,
    region: 'ap-southeast-2',
    credentials: endpoints.credentials,
    forcePathStyle: true,
  });
  const Bucket = endpoints.buckets['drops']!;
  const text = async (Key: string): Promise<string> =>
    (await client.send(new GetObjectCommand({ Bucket, Key }))).Body!.transformToString();
  const reports = async (name: string): Promise<string[]> => {
    const command = new ListObjectsV2Command({ Bucket, Prefix: `reports/${name}/` });
    return ((await client.send(command)).Contents ?? []).map(({ Key }) => Key!);
  };

  const put = async (Key: string, Body: string | Uint8Array): Promise<void> => {
    await client.send(new PutObjectCommand({ Bucket, Key, Body, ContentLength: Buffer.byteLength(Body) }));
  };

  return {
    client,
    Bucket,
    text,
    reports,
    /** Drops a file: `TEST_SUPPLIER/some/name.ndjson`. */
    drop: (name: string, body: string | Uint8Array) => put(`drops/${name}`, body),
    put,
    /** Waits until the file's latest summary has one of these states. */
    async summaryOf(
      name: string,
      states = ['ENDED', 'FAILED', 'REFUSED', 'CANCELLED'],
      timeout = 60_000,
    ): Promise<Summary> {
      let summary: Summary | undefined;
      const state = async () => {
        const keys = (await reports(name)).filter((key) => key.endsWith('/summary.json'));
        summary = keys.length === 0 ? undefined : JSON.parse(await text(keys.sort().at(-1)!));
        return summary?.state;
      };
      await expect
        .poll(state, { timeout, interval: 50 })
        .toSatisfy((found: string) => states.includes(found), `one of ${states.join(', ')}`);
      return summary!;
    },
    async failedOf(name: string, file = 'failed.ndjson'): Promise<FailedRow[]> {
      const keys = (await reports(name)).filter((key) => key.endsWith(`/${file}`));
      const lines = (await text(keys.sort().at(-1)!)).split('\n').filter(Boolean);
      return lines.map((line) => JSON.parse(line));
    },
  };
}
