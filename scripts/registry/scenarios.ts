import { readFileSync } from 'node:fs';
import type { Scenario } from '../../shared/scenarios/scenario.ts';
import { InvalidScenarios, type ScenarioStore, UnknownSupplier } from '../../shared/scenarios/store.ts';
import { CommandError } from '../command/command.ts';

/** Returns a supplier's scenarios as JSON that {@link setScenarios} accepts. @throws CommandError for an unknown supplier */
export async function showScenarios(scenarios: ScenarioStore, code: string): Promise<string> {
  const { rules } = await scenarios.revised(code).catch((error: unknown) => {
    throw error instanceof UnknownSupplier ? new CommandError(error.message) : error;
  });
  return asJson(rules);
}

/** Replaces a supplier's scenarios by those in a file. @throws CommandError for an unknown supplier, an unreadable file, or invalid rules */
export async function setScenarios(scenarios: ScenarioStore, code: string, file: string): Promise<string> {
  return put(scenarios, code, parsed(file));
}

/** Removes a supplier's scenarios. @throws CommandError for an unknown supplier */
export function clearScenarios(scenarios: ScenarioStore, code: string): Promise<string> {
  return put(scenarios, code, []);
}

async function put(scenarios: ScenarioStore, code: string, rules: unknown): Promise<string> {
  try {
    return asJson((await scenarios.put(code, rules)).rules);
  } catch (error) {
    const isWrongUse = error instanceof InvalidScenarios || error instanceof UnknownSupplier;
    throw isWrongUse ? new CommandError(error.message, { cause: error }) : error;
  }
}

const asJson = (rules: readonly Scenario[]): string => JSON.stringify(rules, undefined, 2);

function parsed(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new CommandError(`Cannot read rules from ${file}: ${(cause as Error).message}`, { cause });
  }
}
