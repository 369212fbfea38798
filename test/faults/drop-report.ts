import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import type { Simulation } from './simulation.ts';

type ReportedRow = { line: number | null; offset: number; identifier?: string; outcome: string };

/** Reads a drop's report. The summary is undefined and the lists are empty while they are not written. */
export async function dropReportOf({ clients, buckets }: Simulation, name: string) {
  const Bucket = buckets['drops']!;
  const listed = await clients.s3.send(new ListObjectsV2Command({ Bucket, Prefix: `reports/${name}/` }));
  const keys = (listed.Contents ?? []).map(({ Key }) => Key!);
  const text = async (file: string): Promise<string | undefined> => {
    const Key = keys.find((each) => each.endsWith(`/${file}`));
    if (Key === undefined) return undefined;
    return (await clients.s3.send(new GetObjectCommand({ Bucket, Key }))).Body!.transformToString();
  };
  const rows = async (file: string): Promise<ReportedRow[]> =>
    ((await text(file)) ?? '')
      .split('\n')
      .filter(Boolean)
      .map((row) => JSON.parse(row));
  const summary = await text('summary.json');
  return {
    summary: summary === undefined ? undefined : JSON.parse(summary),
    failed: await rows('failed.ndjson'),
    alreadyImported: await rows('already_imported.ndjson'),
  };
}
