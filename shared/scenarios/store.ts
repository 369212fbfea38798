import { type DynamoDBDocumentClient, GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as v from 'valibot';
import { cachedRead } from '../aws/cached-read.ts';
import { isConditionMet } from '../aws/conditional-write.ts';
import { REGISTRY_CACHED_SECONDS } from '../suppliers/registry.ts';
import { readScenarios } from './read-scenarios.ts';
import { SCENARIOS_MAX, Scenario } from './scenario.ts';

/** Thrown when rules are set for an import supplier that is not registered. */
export class UnknownSupplier extends Error {
  override name = 'UnknownSupplier';
  constructor(code: string) {
    super(`There is no import supplier ${code}.`);
  }
}

/** Thrown when invalid rules are set. `issues` has all errors. Nothing was written. */
export class InvalidScenarios extends Error {
  override name = 'InvalidScenarios';
  readonly issues: readonly string[];
  constructor(issues: readonly string[]) {
    super(issues.join('\n'));
    this.issues = issues;
  }
}

const SUPPLIERS = 'import-suppliers';
const Stored = v.object({
  scenarios: v.optional(v.pipe(v.array(Scenario), v.maxLength(SCENARIOS_MAX))),
});

export type ScenarioStore = ReturnType<typeof scenarioStore>;

/** Reads and writes import suppliers' rules, which are an attribute of their items in the `registry` table. */
export function scenarioStore(client: DynamoDBDocumentClient, table: string) {
  const keyOf = (code: string) => ({ TableName: table, Key: { kind: SUPPLIERS, key: code } });
  const read = async (code: string): Promise<Record<string, unknown> | undefined> => {
    const projection = { ProjectionExpression: 'code, scenarios' };
    return (await client.send(new GetCommand({ ...keyOf(code), ...projection }))).Item;
  };
  return {
    async isRegistered(code: string): Promise<boolean> {
      return (await read(code)) !== undefined;
    },

    /** Returns a supplier's rules, or undefined when it never had any or is not registered. @throws v.ValiError for invalid rules */
    async get(code: string): Promise<readonly Scenario[] | undefined> {
      return v.parse(Stored, (await read(code)) ?? {}).scenarios;
    },

    /**
     * Replaces a registered supplier's rules by these, as parsed from JSON. Running functions use them when their caches expire, after
     * at most {@link REGISTRY_CACHED_SECONDS}.
     *
     * @throws InvalidScenarios, UnknownSupplier
     */
    async put(code: string, rules: unknown): Promise<readonly Scenario[]> {
      const checked = readScenarios(rules);
      if (!checked.valid) throw new InvalidScenarios(checked.issues);
      const update = new UpdateCommand({
        ...keyOf(code),
        ConditionExpression: 'attribute_exists(#key)',
        UpdateExpression: 'SET scenarios = :scenarios',
        ExpressionAttributeNames: { '#key': 'key' },
        ExpressionAttributeValues: { ':scenarios': checked.data },
      });
      if (!(await isConditionMet(client.send(update)))) throw new UnknownSupplier(code);
      return checked.data;
    },
  };
}

/** Returns a supplier's rules, of which there may be none. */
export type ScenariosOf = (importSupplier: string) => Promise<readonly Scenario[]>;

/** Reads rules through a cache, because every submission and every import needs them. `clock` returns epoch ms. */
export const cachedScenarios = (store: Pick<ScenarioStore, 'get'>, clock: () => number): ScenariosOf =>
  cachedRead(async (code) => (await store.get(code)) ?? [], { ttlSeconds: REGISTRY_CACHED_SECONDS, clock });
