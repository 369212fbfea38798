import { GetObjectCommand, PutObjectCommand, paginateListObjectsV2 } from '@aws-sdk/client-s3';
import { DROPS_PREFIX, REPORTS_PREFIX } from '../../shared/drops/drop.ts';
import { type Account, type ChangingCheck, differs, eventually, type Outcome, ok, skipped } from './check.ts';

const ROWS = 5;
const CHANGES = 'drops files of dry runs, and deletes them with their reports and records';

/** Checks that dropped files are imported: S3's notification, the planner, the readers and the worker. */
export const dropChecks: readonly ChangingCheck[] = [
  {
    name: 'a dropped file is planned and read, and its report reaches ENDED',
    changes: CHANGES,
    run: (account, supplier) => {
      const rows = Array.from({ length: ROWS }, () => supplier.row());
      return dropEnds(account, { path: supplier.fileName('ordinary'), rows, waitMs: account.waitMs });
    },
  },
  {
    name: 'a drop reaches ENDED although it needs more follow-up tasks than Lambda allows in a chain',
    changes: CHANGES,
    async run(account, supplier) {
      if (!account.environment.scenariosAllowed) return skipped('the row allows no scenarios');
      const waitMs = account.waitMs + account.slowSeconds * 1000;
      return dropEnds(account, { path: supplier.fileName('slow'), rows: supplier.slowRows(), waitMs });
    },
  },
];

type Report = { state: string; rows: Record<string, number>; imports: Record<string, number> };

async function dropEnds(
  account: Account,
  { path, rows, waitMs }: { path: string; rows: readonly string[]; waitMs: number },
): Promise<Outcome> {
  const { clients, deployed } = account;
  const Bucket = deployed.output('DropsBucket');
  const Body = `${rows.join('\n')}\n`;
  await clients.s3.send(
    new PutObjectCommand({
      Bucket,
      Key: DROPS_PREFIX + path,
      Body,
      ContentLength: Buffer.byteLength(Body),
    }),
  );
  return eventually(waitMs, async () => {
    const report = await reportOn(account, Bucket, path);
    if (report === undefined) return differs('there is no report');
    const { state, imports } = report;
    const counts = `${report.rows['accepted']} rows accepted, ${imports['dry_run_succeeded']} dry runs succeeded`;
    const isWhole = report.rows['accepted'] === rows.length && imports['dry_run_succeeded'] === rows.length;
    if (state === 'ENDED' && isWhole) return ok(counts);
    return differs(`its state is ${state}, ${counts}`);
  });
}

async function reportOn(
  { clients: { s3 } }: Account,
  Bucket: string,
  path: string,
): Promise<Report | undefined> {
  const Prefix = `${REPORTS_PREFIX}${path}/`;
  for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket, Prefix })) {
    const Key = Contents.find((object) => object.Key?.endsWith('/summary.json'))?.Key;
    if (Key === undefined) continue;
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
    return JSON.parse((await Body?.transformToString()) ?? '{}') as Report;
  }
  return undefined;
}
