import { type DynamoDBDocumentClient, GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as v from 'valibot';
import { cachedRead } from '../aws/cached-read.ts';
import { undefinedIfConditionFailed } from '../aws/conditional-write.ts';
import { REGISTRY_CACHED_SECONDS } from '../suppliers/registry.ts';
import { REGISTRY_KINDS } from '../suppliers/registry-kinds.ts';
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

/** Thrown when the rules to be replaced have changed. `revision` is the present one. Nothing was written. */
export class ScenariosChanged extends Error {
  override name = 'ScenariosChanged';
  readonly revision: number;
  constructor(revision: number) {
    super(`The scenarios have changed: their revision is ${revision}.`);
    this.revision = revision;
  }
}

const Stored = v.object({
  scenarios: v.optional(v.pipe(v.array(Scenario), v.maxLength(SCENARIOS_MAX))),
  /** Counts the changes. Absent until the first. */
  scenarios_revision: v.optional(v.number(), 0),
});

/** A supplier's rules and their revision, which counts the changes. */
export type RevisedScenarios = { rules: readonly Scenario[]; revision: number };

export type ScenarioStore = ReturnType<typeof scenarioStore>;

/** Reads and writes import suppliers' rules, which are an attribute of their items in the `registry` table. */
export function scenarioStore(client: DynamoDBDocumentClient, table: string) {
  const keyOf = (code: string) => ({ TableName: table, Key: { kind: REGISTRY_KINDS.suppliers, key: code } });
  const read = async (code: string, isConsistent = false): Promise<Record<string, unknown> | undefined> => {
    const projection = { ProjectionExpression: 'code, scenarios, scenarios_revision' };
    const command = new GetCommand({ ...keyOf(code), ...projection, ConsistentRead: isConsistent });
    return (await client.send(command)).Item;
  };
  /** @throws UnknownSupplier, v.ValiError for invalid rules */
  const revised = async (code: string): Promise<RevisedScenarios> => {
    const item = await read(code, true);
    if (item === undefined) throw new UnknownSupplier(code);
    const { scenarios = [], scenarios_revision: revision } = v.parse(Stored, item);
    return { rules: scenarios, revision };
  };
  return {
    /** Returns a supplier's rules, or undefined when it never had any or is not registered. @throws v.ValiError for invalid rules */
    async get(code: string): Promise<readonly Scenario[] | undefined> {
      return v.parse(Stored, (await read(code)) ?? {}).scenarios;
    },

    /** Returns a supplier's rules, with all changes that were made before, and their revision. @throws UnknownSupplier, v.ValiError for invalid rules */
    revised,

    /**
     * Replaces a registered supplier's rules by these, as parsed from JSON. Running functions use them when their caches expire, after
     * at most {@link REGISTRY_CACHED_SECONDS}.
     *
     * @param expectedRevision the revision to be replaced; undefined for any
     * @throws InvalidScenarios, UnknownSupplier, ScenariosChanged if it is another revision
     */
    async put(code: string, rules: unknown, expectedRevision?: number): Promise<RevisedScenarios> {
      const checked = readScenarios(rules);
      if (!checked.valid) throw new InvalidScenarios(checked.issues);
      const update = new UpdateCommand({
        ...keyOf(code),
        ConditionExpression: `attribute_exists(#key)${revisionCondition(expectedRevision)}`,
        UpdateExpression:
          'SET scenarios = :scenarios, scenarios_revision = if_not_exists(scenarios_revision, :none) + :one',
        ExpressionAttributeNames: { '#key': 'key' },
        ExpressionAttributeValues: {
          ':scenarios': checked.data,
          ':none': 0,
          ':one': 1,
          ...(expectedRevision !== undefined && expectedRevision !== 0 && { ':expected': expectedRevision }),
        },
        ReturnValues: 'UPDATED_NEW',
      });
      const updated = await undefinedIfConditionFailed(client.send(update));
      if (updated === undefined) throw new ScenariosChanged((await revised(code)).revision);
      return { rules: checked.data, revision: v.parse(Stored, updated.Attributes).scenarios_revision };
    },
  };
}

function revisionCondition(expected: number | undefined): string {
  if (expected === undefined) return '';
  return ` AND ${expected === 0 ? 'attribute_not_exists(scenarios_revision)' : 'scenarios_revision = :expected'}`;
}

/** Returns a supplier's rules, of which there may be none. */
export type ScenariosOf = (importSupplier: string) => Promise<readonly Scenario[]>;

/** Reads rules through a cache, because every submission and every import needs them. `clock` returns epoch ms. */
export const cachedScenarios = (store: Pick<ScenarioStore, 'get'>, clock: () => number): ScenariosOf =>
  cachedRead(async (code) => (await store.get(code)) ?? [], { ttlSeconds: REGISTRY_CACHED_SECONDS, clock });
