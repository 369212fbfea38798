import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { importCounts } from '../../shared/imports/storage/import-counts.ts';
import { importIndex } from '../../shared/imports/storage/import-index.ts';
import { countImports } from '../../shared/imports/use-cases/count-imports.ts';
import { send, startTestHost, statusOf, type TestHost } from '../support/host.ts';
import { guideRequest, identifierNumber } from '../support/requests.ts';
import { operator } from './imports.ts';

let host: TestHost;
beforeAll(async () => {
  host = await startTestHost();
});
afterAll(() => host.stop());

const SUPPLY_POINTS = '/v2/data-import/supply-points';
const create = (identifier: string, taskParameters = {}) =>
  send(host, 'POST', `${SUPPLY_POINTS}/`, {
    token: host.token,
    json: guideRequest({ identifier, taskParameters }),
  });

/** Counts as the function does, at a time (epoch ms). */
const countAt = (now: number) =>
  countImports({
    index: importIndex(host.dynamodb, host.endpoints.tables['import-processes']!, {
      keptDays: undefined,
      clock: () => now,
    }),
    counts: importCounts(host.dynamodb, host.endpoints.tables['registry']!),
    clock: () => now,
  })('TEST_SUPPLIER');

const NONE = {
  PENDING: 0,
  IN_PROGRESS: 0,
  PROCESSED: 0,
  ERRORED: 0,
  DRY_RUN_SUCCEEDED: 0,
  DRY_RUN_ERRORED: 0,
  CANCELLED: 0,
};

describe('a supplier’s counts', () => {
  it('follow its imports through submission, end, retry and erasure', async () => {
    const now = Date.now();
    expect(await countAt(now)).toMatchObject({ byStatus: NONE, isExact: true });

    for (const number of [1, 2, 3]) await create(identifierNumber(number));
    await create('4999000001');
    await create(identifierNumber(4), { is_dry_run: true });
    for (const number of [1, 2, 3]) await statusOf(host, identifierNumber(number), ['PROCESSED']);
    await statusOf(host, '4999000001', ['ERRORED']);
    await statusOf(host, identifierNumber(4), ['DRY_RUN_SUCCEEDED']);
    const ended = { ...NONE, PROCESSED: 3, ERRORED: 1, DRY_RUN_SUCCEEDED: 1 };
    // A count is returned again until it is five seconds old.
    expect(await countAt(now + 4_999)).toMatchObject({ byStatus: NONE });
    expect(await countAt(now + 5_000)).toMatchObject({ byStatus: ended, isExact: true });

    // An hour later the entries are settled, and are counted only up to their position.
    const later = now + 3_000_000;
    expect(await countAt(later)).toMatchObject({ byStatus: ended, isExact: true });
    await operator(host).retry('4999000001');
    await statusOf(host, '4999000001', ['ERRORED']);
    expect(await countAt(later + 10_000)).toMatchObject({ byStatus: ended, isExact: true });
    await operator(host).erase(identifierNumber(3));
    expect(await countAt(later + 20_000)).toMatchObject({
      byStatus: { ...ended, PROCESSED: 2 },
      isExact: true,
    });
  });

  it('are not exact while an import is open', async () => {
    const at = (ms: number) => new Date(Date.now() + ms).toISOString();
    await create(identifierNumber(9), {
      schedule_window_start: at(3_600_000),
      schedule_window_end: at(7_200_000),
    });
    const { status, body } = await send(host, 'GET', `${SUPPLY_POINTS}/TEST_SUPPLIER/counts/`, {
      token: host.viewerToken,
    });
    expect(status).toBe(200);
    // The first test's last count has a time in the future.
    expect(body).toMatchObject({ counted_at: expect.stringMatching(/^2/) });
    expect(await countAt(Date.now() + 4_000_000)).toMatchObject({
      byStatus: { PENDING: 1 },
      isExact: false,
      // It is scheduled for later.
      oldestOpenSince: undefined,
    });
  });

  it('return 404 to others', async () => {
    const token = await host.tokenFor(['OTHER_SUPPLIER'], { role: 'viewer' });
    const reply = await send(host, 'GET', `${SUPPLY_POINTS}/TEST_SUPPLIER/counts/`, { token });
    expect(reply.status).toBe(404);
  });
});
