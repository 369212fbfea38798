import type { ImportError, ImportKey, ImportProcess } from '../imports/import-process.ts';
import type { ImportQueue } from '../imports/queue.ts';
import type { ImportStore } from '../imports/store.ts';
import { startOf } from '../imports/transitions.ts';
import type { ScenariosOf } from './cached.ts';
import { matchesPattern } from './pattern.ts';
import { isRefusal, type Scenario, scenarioFor } from './scenario.ts';

export type Rehearsal = ReturnType<typeof rehearsal>;

type Parts = { scenariosOf: ScenariosOf; imports: ImportStore; queue: ImportQueue };

/**
 * What a worker asks of its suppliers' rules, for each import that its messages name. It is the worker that asks, since
 * all ways to it are alike then: the endpoint, drops, retries, redrives and the sweeper.
 */
export function rehearsal({ scenariosOf, imports, queue }: Parts) {
  const ruleFor = async (key: ImportKey, { attempt, is_dry_run: isDryRun }: ImportProcess) =>
    scenarioFor(await scenariosOf(key.importSupplier), {
      identifier: key.externalIdentifier,
      isDryRun,
      attempt,
    });

  return {
    /**
     * Has a slow import's message come again when its time has come, so that it stays PENDING until then. Answers after
     * how many seconds; undefined: it is to be worked on now. Dying in between sends twice, which is harmless.
     */
    async putOff(key: ImportKey, attempt: number, now: number): Promise<number | undefined> {
      const rules = await scenariosOf(key.importSupplier);
      if (!mayBeSlow(rules, key.externalIdentifier)) return undefined;
      const record = await imports.get(key);
      if (record?.status !== 'PENDING' || record.attempt !== attempt) return undefined;
      const { delaySeconds = 0 } = (await ruleFor(key, record)) ?? {};
      const elapsedMs = now - startOf(record);
      // A message that comes before its window is let go: the sweeper sends another.
      if (elapsedMs < 0) return undefined;
      const seconds = delaySeconds - Math.floor(elapsedMs / 1000);
      if (seconds <= 0) return undefined;
      await queue.send([{ key, attempt, delaySeconds: seconds }]);
      return seconds;
    },

    /** The error that an import is to end with in place of creating anything. */
    async failure(key: ImportKey, taken: ImportProcess): Promise<ImportError | undefined> {
      const rule = await ruleFor(key, taken);
      if (rule === undefined || !('code' in rule)) return undefined;
      const { code, detail, domain } = rule;
      return { code, detail, domain };
    },
  };
}

/** Whether the record is worth a read. */
const mayBeSlow = (rules: readonly Scenario[], identifier: string): boolean =>
  rules.some(
    (rule) =>
      !isRefusal(rule) && rule.delaySeconds !== undefined && matchesPattern(rule.identifiers, identifier),
  );
