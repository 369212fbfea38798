import * as v from 'valibot';
import { covers } from './pattern.ts';
import { isForDryRuns, isRequestScenario, SCENARIOS_MAX, Scenario } from './scenario.ts';

/** Rules that work, or all that is wrong with them, for the person who wrote them: `rule 2, delaySeconds: must be …`. */
export type ReadScenarios = { valid: true; data: Scenario[] } | { valid: false; issues: string[] };

const Scenarios = v.pipe(
  v.array(v.unknown(), 'The rules must be a list.'),
  v.maxLength(SCENARIOS_MAX, `There may be ${SCENARIOS_MAX} rules at most.`),
);

/** Reads a supplier's rules, in the order in which they count. */
export function readScenarios(input: unknown): ReadScenarios {
  const list = v.safeParse(Scenarios, input);
  if (!list.success) return { valid: false, issues: list.issues.map(({ message }) => message) };
  const read = list.output.map((rule) => v.safeParse(Scenario, rule));
  const issues = read.flatMap((rule, index) =>
    rule.success ? [] : rule.issues.map((issue) => told(issue, index + 1)),
  );
  if (issues.length > 0) return { valid: false, issues };
  const rules = read.map(({ output }) => output as Scenario);
  const unreachable = rules.flatMap((rule, index) =>
    unreachableBecause(rule, rules.slice(0, index), index + 1),
  );
  return unreachable.length === 0 ? { valid: true, data: rules } : { valid: false, issues: unreachable };
}

function told(issue: v.BaseIssue<unknown>, number: number): string {
  const field = v.getDotPath(issue);
  return field === null ? `rule ${number}: ${issue.message}` : `rule ${number}, ${field}: ${issue.message}`;
}

/** A rule that one before it always beats is a mistake: whoever wrote it waits for what never happens. */
function unreachableBecause(rule: Scenario, earlier: readonly Scenario[], number: number): string[] {
  const beats = earlier.findIndex((before) => isAlwaysBefore(before, rule));
  return beats === -1
    ? []
    : [`rule ${number}: can never count, as rule ${beats + 1} matches whatever it matches`];
}

function isAlwaysBefore(before: Scenario, rule: Scenario): boolean {
  if (!covers(before.identifiers, rule.identifiers)) return false;
  if (isRequestScenario(before)) {
    return (
      isRequestScenario(rule) &&
      (before.firstSecondsOfMinute ?? Infinity) >= (rule.firstSecondsOfMinute ?? Infinity)
    );
  }
  return (
    !isRequestScenario(rule) &&
    isForDryRuns(before) === isForDryRuns(rule) &&
    (before.attempts ?? Infinity) >= (rule.attempts ?? Infinity)
  );
}
