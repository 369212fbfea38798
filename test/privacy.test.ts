import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { everyField } from './contract/requests.ts';
import { dropBucket } from './support/drops.ts';
import { busEvents, SUPPLY_POINTS, send, startTestHost, statusOf, type TestHost } from './support/host.ts';
import { leavesOf, MARKINGS, withLeaf } from './support/leaves.ts';
import { guideRequest, identifierNumber } from './support/requests.ts';

let host: TestHost;
beforeAll(async () => {
  host = await startTestHost();
});
afterAll(() => host.stop());

/** Invented personal data. The tests search logs, events, reports and responses for it. */
const MARKED = ['Zyxwvut', 'Qqmarked', 'qq.marked@example.org', '0491570156', '+61491570156', '0491999'];

type Account = { customers: Record<string, unknown>[]; outage_contact: Record<string, unknown> };

/** The guide's example with marked names, emails and phones in the fields of its people. */
function marked(identifier: string, change: (account: Account) => void = () => {}) {
  const request = guideRequest({ identifier });
  const [account] = request.payload['accounts'] as Account[];
  const names = { given_name: 'Zyxwvut', family_name: 'Qqmarked' };
  const reached = { email: 'qq.marked@example.org', mobile: '0491570156', salutation: 'Zyxwvut' };
  Object.assign(account!.customers[0]!, names, reached);
  Object.assign(account!.outage_contact, names);
  change(account!);
  return request;
}

/** Changes that make a request invalid by a value of a personal field, which an error message might quote. */
const INVALID_CHANGES: readonly ((account: Account) => void)[] = [
  ({ customers: [customer] }) => {
    customer!['mobile'] = '0491 Qqmarked';
  },
  ({ customers: [customer] }) => {
    customer!['given_name'] = 'Zyxwvut'.repeat(100);
  },
  ({ customers: [customer] }) => {
    customer!['account_roles'] = ['Qqmarked'];
  },
  ({ customers: [customer] }) => {
    customer!['email'] = 'qq.marked@example.org@';
  },
  ({ outage_contact: contact }) => {
    contact['phone_1'] = { number: '0491 Qqmarked', service_type: 'Qqmarked', prefix: 'Zyxwvut' };
  },
];

/** Requests with one marked value each: every kind of value in every personal field. */
function invalidEverywhere(identifier: string): object[] {
  const request = withLeaf(everyField(), ['payload', 'supply_point', 'identifier'], identifier);
  const personal = leavesOf(request).filter(
    (path) => path.includes('customers') || path.includes('outage_contact'),
  );
  return personal.flatMap((path) => MARKINGS.map((marking) => withLeaf(request, path, marking('Qqmarked'))));
}

it('no log, event or report contains names or contact data', async () => {
  const bucket = dropBucket(host);
  const post = (json: unknown) => send(host, 'POST', `${SUPPLY_POINTS}/`, { token: host.token, json });
  const first = identifierNumber(950_000);

  // Requests: valid, repeated, invalid in every way, and not JSON.
  expect((await post(marked(first))).status).toBe(201);
  await statusOf(host, first, ['PROCESSED']);
  expect((await post(marked(first))).status).toBe(400);
  for (const change of INVALID_CHANGES) {
    const answer = await post(marked(identifierNumber(950_001), change));
    expect(answer.status, change.toString()).toBe(400);
  }
  const headers = { 'Content-Type': 'application/json' };
  const broken = { token: host.token, headers, body: '{"payload": {"given_name": Zyxwvut' };
  expect((await send(host, 'POST', `${SUPPLY_POINTS}/`, broken)).text).not.toContain('Zyxwvut');
  const created = `${SUPPLY_POINTS}/TEST_SUPPLIER/${first}/created/`;
  expect((await send(host, 'GET', created, { token: host.token })).text).toContain('Qqmarked');

  // An import that an operator cancels.
  const window = { schedule_window_start: new Date(Date.now() + 3_600_000).toISOString() };
  const waiting = identifierNumber(950_002);
  expect((await post({ ...marked(waiting), task_params: window })).status).toBe(201);
  const cancel = `${SUPPLY_POINTS}/TEST_SUPPLIER/${waiting}/cancel/`;
  expect((await send(host, 'POST', cancel, { token: host.token })).status).toBe(200);

  // Drops of all formats.
  const rows = [
    marked(identifierNumber(950_010)),
    marked(first),
    ...INVALID_CHANGES.map((change) => marked(identifierNumber(950_011), change)),
  ];
  const lines = [...rows.map((row) => JSON.stringify(row)), '{"payload": Zyxwvut', '"Qqmarked"'].join('\n');
  const columns = 'import_supplier,supply_point.identifier,accounts.0.customers.0.mobile';
  const files = {
    'TEST_SUPPLIER/marked.ndjson': lines,
    'TEST_SUPPLIER/marked.json': `[${lines.split('\n').join(',\n')}]`,
    'TEST_SUPPLIER/marked.csv': `${columns}\nTEST_SUPPLIER,4001999999,0491999\n"Zyxwvut"Qqmarked,1`,
    'TEST_SUPPLIER/header.csv': 'Zyxwvut,Zyxwvut\n1,2',
    'TEST_SUPPLIER/everywhere.ndjson': invalidEverywhere(first)
      .map((row) => JSON.stringify(row))
      .join('\n'),
  };
  for (const [name, text] of Object.entries(files)) {
    await bucket.drop(name, text);
    await bucket.summaryOf(name);
  }

  const reports: string[] = [];
  for (const name of Object.keys(files)) {
    // The corrected file has the rows as they were sent.
    const keys = (await bucket.reports(name)).filter((key) => !key.includes('/failed-rows.'));
    for (const key of keys) reports.push(await bucket.text(key));
  }
  const everywhere = await bucket.summaryOf('TEST_SUPPLIER/everywhere.ndjson');
  expect(everywhere.rows.invalid).toBeGreaterThan(300);
  expect(everywhere.rows.accepted).toBe(0);
  const answers: string[] = [];
  for (const path of ['', `${first}/`, `${first}/history/`]) {
    const answer = await send(host, 'GET', `${SUPPLY_POINTS}/TEST_SUPPLIER/${path}`, {
      token: host.viewerToken,
    });
    expect(answer.status).toBe(200);
    answers.push(answer.text);
  }
  const events = JSON.stringify(await busEvents(host));
  const logs = host.functions().flatMap((name) => host.logs(name));
  expect(logs.length).toBeGreaterThan(20);
  expect(reports.join('')).toContain('is not a valid phone number');
  expect(events).toContain('cancelled-v1');
  for (const text of [...logs, ...reports, ...answers, events]) {
    for (const mark of MARKED) expect(text).not.toContain(mark);
  }
  bucket.client.destroy();
});

it('no log contains file names, which may contain names of people', async () => {
  const bucket = dropBucket(host);
  const names = [
    'TEST_SUPPLIER/Marked Person.ndjson',
    'Marked Person/a.ndjson',
    'TEST_SUPPLIER/Marked.Person',
  ];
  for (const name of names) {
    await bucket.drop(name, '{');
    await bucket.summaryOf(name);
  }
  const Records = names.map((name) => ({
    s3: { bucket: { name: bucket.Bucket }, object: { key: `drops/${name.replaceAll(' ', '+')}` } },
  }));
  const QueueUrl = host.endpoints.queues['drops-dead-letter']!;
  await host.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify({ Records }) }));
  const logOf = (name: string): string => host.logs(name).join('\n');
  await expect.poll(() => logOf('drop-dead-letter'), { timeout: 60_000 }).toContain('drop given up on');
  expect(logOf('drop-planner')).toContain('"code":"unknown_import_supplier"');
  for (const name of host.functions()) expect(logOf(name)).not.toMatch(/Marked/);
  bucket.client.destroy();
});
