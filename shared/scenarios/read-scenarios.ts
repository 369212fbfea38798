import * as v from 'valibot';
import { covers } from './pattern.ts';
import { isForDryRuns, isRequestScenario, SCENARIOS_MAX, Scenario } from './scenario.ts';

/** Valid rules, or all errors in them, worded for their author: `rule 2, delaySeconds: must be …`. */
export type ReadScenarios = { valid: true; data: Scenario[] } | { valid: false; issues: string[] };

const Scenarios = v.pipe(
  v.array(v.unknown(), 'The rules must be a list.'),
  v.maxLength(SCENARIOS_MAX, `There may be ${SCENARIOS_MAX} rules at most.`),
);

/** Validates a supplier's rules. For each import the first rule that matches is used. */
export function readScenarios(input: unknown): ReadScenarios {
  const list = v.safeParse(Scenarios, input);
  if (!list.success) return { valid: false, issues: list.issues.map(({ message }) => message) };
  const read = list.output.map((rule) => v.safeParse(Scenario, rule));
  const issues = read.flatMap((rule, index) =>
    rule.success ? [] : rule.issues.map((issue) => issueText(issue, index + 1)),
  );
  if (issues.length > 0) return { valid: false, issues };
  const rules = read.map(({ output }) => output as Scenario);
  const unreachable = rules.flatMap((rule, index) =>
    unreachableIssue(rule, rules.slice(0, index), index + 1),
  );
  return unreachable.length === 0 ? { valid: true, data: rules } : { valid: false, issues: unreachable };
}

function issueText(issue: v.BaseIssue<unknown>, number: number): string {
  const field = v.getDotPath(issue);
  return field === null ? `rule ${number}: ${issue.message}` : `rule ${number}, ${field}: ${issue.message}`;
}

/** Reports a rule that is never used because an earlier one matches everything that it matches. */
function unreachableIssue(rule: Scenario, earlier: readonly Scenario[], number: number): string[] {
  const earlierIndex = earlier.findIndex((before) => shadows(before, rule));
  return earlierIndex === -1
    ? []
    : [`rule ${number}: is never used, because rule ${earlierIndex + 1} matches everything that it matches`];
}

/** Whether the earlier rule is used for everything that the later one matches. */
function shadows(before: Scenario, rule: Scenario): boolean {
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
