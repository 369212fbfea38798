import type { Scenario } from './scenario.ts';
import { type ScenarioStore, ScenariosRefused, UnknownSupplier } from './store.ts';

export type ScenariosAction = { action: 'set'; json: string } | { action: 'show' } | { action: 'clear' };

/**
 * An operator's command on a supplier's rules of rehearsals. Answers what to print: rules as JSON that `set` takes again.
 *
 * @throws ScenariosRefused, UnknownSupplier, whose messages are for whoever typed the command.
 */
export async function scenariosCommand(
  store: ScenarioStore,
  code: string,
  asked: ScenariosAction,
): Promise<string> {
  if (asked.action === 'show') {
    if (!(await store.isRegistered(code))) throw new UnknownSupplier(code);
    return asJson((await store.get(code)) ?? []);
  }
  return asJson(await store.put(code, asked.action === 'clear' ? [] : parsed(asked.json)));
}

const asJson = (rules: readonly Scenario[]): string => JSON.stringify(rules, undefined, 2);

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new ScenariosRefused([`The rules are no JSON: ${(error as Error).message}`]);
  }
}
