import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { expect } from 'vitest';
import type { HistoryEventBody, ListedImport } from '../../shared/api/schemas.ts';

import { type Reply, SUPPLY_POINTS, send, statusOf, type TestHost } from '../support/host.ts';
import { useUpStarts } from '../support/imports.ts';
import { guideRequest } from '../support/requests.ts';

export type { ListedImport };
export type ListReply = Reply & { body: { results: ListedImport[]; next_cursor: string | null } };

const HOUR = 3_600_000;

/** Requests to a host's API about one supplier, with the operator's token by default. */
export function operator(host: TestHost, supplier = 'TEST_SUPPLIER') {
  const path = (rest: string) => `${SUPPLY_POINTS}/${supplier}/${rest}`;
  const request = (method: 'GET' | 'POST' | 'DELETE', rest: string, token = host.token): Promise<Reply> =>
    send(host, method, path(rest), { token });
  const window = () => ({
    schedule_window_start: new Date(Date.now() + HOUR).toISOString(),
    schedule_window_end: new Date(Date.now() + 2 * HOUR).toISOString(),
  });

  const own = {
    request,
    cancel: (identifier: string, token?: string) => request('POST', `${identifier}/cancel/`, token),
    retry: (identifier: string, token?: string) => request('POST', `${identifier}/retry/`, token),
    erase: (identifier: string, token?: string) => request('DELETE', `${identifier}/data/`, token),
    redrive: (token?: string) => request('POST', 'redrive/', token),
    created: (identifier: string, token?: string) => request('GET', `${identifier}/created/`, token),
    list: (query: Record<string, string> = {}, token?: string) =>
      request('GET', `?${new URLSearchParams(query)}`, token) as Promise<ListReply>,

    async history(identifier: string): Promise<HistoryEventBody[]> {
      const { body } = await request('GET', `${identifier}/history/`);
      return (body as { results: HistoryEventBody[] }).results;
    },

    /** Submits the guide's example with this identifier. */
    async create(identifier: string, taskParameters: Record<string, unknown> = {}): Promise<void> {
      const json = guideRequest({ identifier, supplier, taskParameters });
      const reply = await send(host, 'POST', `${SUPPLY_POINTS}/`, { token: host.token, json });
      expect(reply.text).toBe('{}');
    },

    /** Creates an import that stays PENDING: its window opens in an hour. */
    createWaiting: (identifier: string, taskParameters: Record<string, unknown> = {}) =>
      own.create(identifier, { ...window(), ...taskParameters }),

    /** Creates an import that ends ERRORED after too many starts. A retry would process it. */
    async createExhausted(identifier: string, taskParameters: Record<string, unknown> = {}): Promise<void> {
      await own.createWaiting(identifier, taskParameters);
      await useUpStarts(host, { importSupplier: supplier, externalIdentifier: identifier });
      const message = { import_supplier: supplier, external_identifier: identifier, attempt: 1 };
      const QueueUrl = host.endpoints.queues['imports-dead-letter']!;
      await host.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(message) }));
      await own.statusOf(identifier, ['ERRORED', 'DRY_RUN_ERRORED']);
    },

    /** Waits until the import's status is one of these. */
    statusOf: (identifier: string, statuses: readonly string[]) =>
      statusOf(host, identifier, statuses, { supplier, token: host.token }),
  };
  return own;
}
