import middy from '@middy/core';
import type { Context, ScheduledEvent } from 'aws-lambda';
import { dynamoDB, sqs } from '../shared/aws/clients.ts';
import { importIndex } from '../shared/imports/import-index.ts';
import { importQueue } from '../shared/imports/queue.ts';
import { type Swept, sweepImports } from '../shared/imports/sweep-imports.ts';
import { sweptRecords } from '../shared/imports/swept-records.ts';
import { registry } from '../shared/suppliers/registry.ts';
import { log } from './edge/log.ts';
import { setting } from './edge/settings.ts';

const client = dynamoDB();
const queues = sqs();
const sweep = sweepImports({
  index: importIndex(client, setting('IMPORTS_TABLE')),
  records: sweptRecords(client, setting('IMPORTS_TABLE')),
  queues: {
    endpoint: importQueue(queues, setting('IMPORTS_QUEUE_URL')),
    bulk: importQueue(queues, setting('BULK_IMPORTS_QUEUE_URL')),
  },
  suppliers: registry(client, setting('REGISTRY_TABLE')),
});

/** Every minute: sends the imports whose time has come, and those whose message is late. */
export const handler = middy<ScheduledEvent, Swept, Error, Context>()
  .use({ before: ({ context }) => log.addContext(context) })
  .handler(async () => {
    const swept = await sweep(Date.now());
    if (swept.sent > 0 || swept.cleared > 0) log.info('imports sent', swept);
    return swept;
  });
