import { adaptiveDynamoDB, dynamoDB, eventBridge, sqs } from '../shared/aws/clients.ts';
import { liveCounts } from '../shared/drops/live-counts.ts';
import { outcomeEvents } from '../shared/events/outcome-events.ts';
import { importQueue, readImportMessage } from '../shared/imports/storage/queue.ts';
import { importStore } from '../shared/imports/storage/store.ts';
import { processImport } from '../shared/imports/use-cases/process-import.ts';
import { importScenarios } from '../shared/scenarios/import-scenarios.ts';
import { cachedScenarios, scenarioStore } from '../shared/scenarios/store.ts';
import { cachedSuppliers, registry } from '../shared/suppliers/registry.ts';
import { supplyPointStore } from '../shared/supply-points/store.ts';
import { describeError, log } from './edge/log.ts';
import { importEnded } from './edge/metrics.ts';
import { lifetimeSetting, secondsSetting, setting } from './edge/settings.ts';
import { sqsBatch } from './edge/sqs-batch.ts';

const client = dynamoDB();
/** The delays before six attempts take at most three seconds. The function's timeout is longer than three calls with all of them. */
const records = adaptiveDynamoDB(6);
const imports = importStore(records, setting('IMPORTS_TABLE'), lifetimeSetting('PERSONAL_DATA_DAYS'));

/** Called only where scenarios are allowed: elsewhere nothing is read or sent for them. */
const scenarios = () =>
  importScenarios({
    scenariosOf: cachedScenarios(scenarioStore(client, setting('REGISTRY_TABLE')), Date.now),
    imports,
    queue: importQueue(sqs(), setting('IMPORTS_QUEUE_URL')),
  });
const work = processImport({
  imports,
  supplyPoints: supplyPointStore(
    records,
    setting('SUPPLY_POINTS_TABLE'),
    lifetimeSetting('PERSONAL_DATA_DAYS'),
  ),
  suppliers: cachedSuppliers(registry(client, setting('REGISTRY_TABLE')), Date.now),
  scenarios: process.env['SCENARIOS_ALLOWED'] === 'true' ? scenarios() : undefined,
});
const counts = liveCounts(client, setting('DROPS_TABLE'), lifetimeSetting('DROP_RECORD_DAYS'));
const events = outcomeEvents(eventBridge(), setting('OUTCOMES_BUS'));
/** Longer than the function's timeout, so a claim outlives its run. Shorter than the queue's visibility timeout. */
const leaseMs = secondsSetting('LEASE_SECONDS');

/** Consumes the import queues: processes each import, counts those of drops, and publishes the outcomes. */
export const handler = sqsBatch(
  async (body, { now, delivery }) => {
    const { key, attempt } = readImportMessage(body);
    const run = { now, leaseUntil: now + leaseMs, claim: delivery };
    const { event, ...outcome } = await work(key, attempt, run);
    const message = 'import worked on';
    if (outcome.kind === 'ended')
      importEnded(key, outcome, { message, delivery, attempt, kind: outcome.kind });
    else log.info(message, { ...key, attempt, ...outcome });
    return { event, outcome };
  },
  async (results) => {
    const ended = results.flatMap(({ outcome }) =>
      outcome.kind === 'ended' && outcome.drop !== undefined
        ? [{ drop: outcome.drop, status: outcome.status }]
        : [],
    );
    const [published] = await Promise.all([
      events.publishAll(results.map(({ event }) => event)),
      counts.add(ended).catch((error: unknown) => {
        // No import depends on these counts.
        log.warn('live counts not written', { error: describeError(error) });
      }),
    ]);
    return published;
  },
);
