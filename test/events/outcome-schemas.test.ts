import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DETAIL_TYPES, outcomeEventSchemas } from '../../shared/events/outcome-schemas.ts';
import { busEvents, SUPPLY_POINTS, send, startTestHost, statusOf, type TestHost } from '../support/host.ts';
import { guideRequest, identifierNumber } from '../support/requests.ts';

let host: TestHost;
beforeAll(async () => {
  host = await startTestHost();
});
afterAll(() => host.stop());

type Event = { 'detail-type': string; detail: Record<string, unknown> };

const ajv = new Ajv({ strict: false, allErrors: true });
addFormats.default(ajv);
/** Ajv supports drafts from 6 on. The keywords that the schemas use have the same meaning in draft 4. */
const validators = new Map(
  Object.entries(outcomeEventSchemas()).map(([detailType, schema]) => [
    detailType,
    ajv.compile({ ...schema, $schema: 'http://json-schema.org/draft-07/schema#' }),
  ]),
);

const SCENARIO_ERRORED = '4999000001';
const SCENARIO_DRY_RUN_ERRORED = '4999000003';
const CASES = [
  [identifierNumber(910_001), {}, 'PROCESSED'],
  [identifierNumber(910_002), { is_dry_run: true }, 'DRY_RUN_SUCCEEDED'],
  [SCENARIO_ERRORED, {}, 'ERRORED'],
  [SCENARIO_DRY_RUN_ERRORED, { is_dry_run: true }, 'DRY_RUN_ERRORED'],
  [
    identifierNumber(910_003),
    { schedule_window_start: new Date(Date.now() + 3_600_000).toISOString() },
    'CANCELLED',
  ],
] as const;

it.each(CASES)(
  'the event of %s matches the schema of its detail-type',
  async (identifier, taskParameters, status) => {
    const json = guideRequest({ identifier, taskParameters });
    expect((await send(host, 'POST', `${SUPPLY_POINTS}/`, { token: host.token, json })).status).toBe(201);
    if (status === 'CANCELLED') {
      await send(host, 'POST', `${SUPPLY_POINTS}/TEST_SUPPLIER/${identifier}/cancel/`, { token: host.token });
    }
    await statusOf(host, identifier, [status]);
    const eventsOf = async () =>
      (await busEvents<Event>(host)).filter(({ detail }) => detail['external_identifier'] === identifier);
    await expect.poll(eventsOf, { timeout: 20_000 }).not.toEqual([]);

    const [event] = await eventsOf();
    expect(event!['detail-type']).toBe(DETAIL_TYPES[status]);
    const validate = validators.get(event!['detail-type'])!;
    expect(validate(event), JSON.stringify(validate.errors)).toBe(true);
    // An event with another status does not match.
    const other = { ...event, detail: { ...event!.detail, status: 'PENDING' } };
    expect(validate(other)).toBe(false);
  },
);
