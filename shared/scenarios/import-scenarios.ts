import type { ImportError, ImportKey, ImportProcess } from '../imports/model/import-process.ts';
import { startTimeOf } from '../imports/model/transitions.ts';
import type { ImportQueue } from '../imports/storage/queue.ts';
import type { ImportStore } from '../imports/storage/store.ts';
import type { ImportScenarios } from '../imports/use-cases/process-import.ts';
import { matchesPattern } from './pattern.ts';
import { importScenarioFor, isRequestScenario, type Scenario } from './scenario.ts';
import type { ScenariosOf } from './store.ts';

type Dependencies = { scenariosOf: ScenariosOf; imports: ImportStore; queue: ImportQueue };

/**
 * Applies suppliers' rules to their imports. The worker calls this, because every import reaches it, whether it comes from the
 * endpoint, a drop, a retry, a redrive or the sweeper.
 */
export function importScenarios({ scenariosOf, imports, queue }: Dependencies): ImportScenarios {
  const ruleFor = async (key: ImportKey, { attempt, is_dry_run: isDryRun }: ImportProcess) =>
    importScenarioFor(await scenariosOf(key.importSupplier), {
      identifier: key.externalIdentifier,
      isDryRun,
      attempt,
    });

  return {
    /** Idempotent: a run that dies after sending leaves a second message, which does nothing. */
    async postpone(key: ImportKey, attempt: number, now: number): Promise<number | undefined> {
      const rules = await scenariosOf(key.importSupplier);
      if (!mayBeDelayed(rules, key.externalIdentifier)) return undefined;
      const record = await imports.get(key);
      if (record?.status !== 'PENDING' || record.attempt !== attempt) return undefined;
      const { delaySeconds = 0 } = (await ruleFor(key, record)) ?? {};
      const elapsedMs = now - startTimeOf(record);
      // The window is not open yet. The sweeper sends another message when it opens.
      if (elapsedMs < 0) return undefined;
      const seconds = delaySeconds - Math.floor(elapsedMs / 1000);
      if (seconds <= 0) return undefined;
      await queue.send([{ key, attempt, delaySeconds: seconds }]);
      return seconds;
    },

    async errorFor(key: ImportKey, claimed: ImportProcess): Promise<ImportError | undefined> {
      const rule = await ruleFor(key, claimed);
      if (rule === undefined || !('code' in rule)) return undefined;
      const { code, detail, domain } = rule;
      return { code, detail, domain };
    },
  };
}

/** Whether a rule may delay the import. Without one, the record need not be read. */
const mayBeDelayed = (rules: readonly Scenario[], identifier: string): boolean =>
  rules.some(
    (rule) =>
      !isRequestScenario(rule) &&
      rule.delaySeconds !== undefined &&
      matchesPattern(rule.identifiers, identifier),
  );
