import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { presign } from '../aws/presign.ts';
import { correctedFileOf, type Drop, type ReportFile, reportKey } from './drop.ts';

/** How long a link is valid. */
const LINK_SECONDS = 15 * 60;

/** A link to download a file of a report. `expiresAt` is epoch ms. */
export type Download = { name: string; url: string; expiresAt: number };

/** The files of a drop's report that the caller may download; undefined for a file that does not exist or that the caller may not read. */
export type ReportDownloads = { failedRows: Download | undefined; correctedFile: Download | undefined };

/**
 * Presigns downloads of a drop's report, by the permissions of the caller's role. `now` is epoch ms. With `hasPersonalData` the corrected
 * file is among them, which has the rows as they were sent.
 */
export function reportDownloads(client: S3Client) {
  const link = async (drop: Drop, name: ReportFile, now: number): Promise<Download> => {
    const command = new GetObjectCommand({
      Bucket: drop.bucket,
      Key: reportKey(drop, name),
      ResponseContentDisposition: `attachment; filename="${name}"`,
    });
    const { url } = await presign(client, command, { seconds: LINK_SECONDS, now });
    return { name, url, expiresAt: now + LINK_SECONDS * 1000 };
  };
  return async (
    drop: Drop,
    { now, hasPersonalData }: { now: number; hasPersonalData: boolean },
  ): Promise<ReportDownloads> => ({
    failedRows: drop.read_at === undefined ? undefined : await link(drop, 'failed.ndjson', now),
    correctedFile:
      hasPersonalData && drop.corrected_at !== undefined
        ? await link(drop, correctedFileOf(drop), now)
        : undefined,
  });
}
