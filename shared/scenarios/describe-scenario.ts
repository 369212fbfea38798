import { matchesPattern, readPattern } from './pattern.ts';
import {
  importScenarioFor,
  isForDryRuns,
  isRequestScenario,
  requestScenarioFor,
  type Scenario,
} from './scenario.ts';

/** A rule in words, for pages and commands. */
export type DescribedScenario = {
  /** The pattern of ten characters, of which `?` is any. */
  identifiers: string;
  /** An identifier for which the rule is used at the first attempt, or at the start of a minute; undefined if none was found. */
  example: string | undefined;
  appliesTo: 'imports' | 'dry_runs' | 'requests';
  text: string;
};

/** Describes the rule at an index of a supplier's valid rules. */
export function describeScenario(rules: readonly Scenario[], index: number): DescribedScenario {
  const rule = rules[index]!;
  const read = readPattern(rule.identifiers);
  if ('error' in read) throw new Error(`The pattern ${JSON.stringify(rule.identifiers)} ${read.error}.`);
  return {
    identifiers: read.expanded,
    example: FILLINGS.map((character) => read.expanded.replaceAll('?', character)).find(
      (identifier) =>
        matchesPattern(rule.identifiers, identifier) && usedFor(rules, rule, identifier) === rule,
    ),
    appliesTo: isRequestScenario(rule) ? 'requests' : isForDryRuns(rule) ? 'dry_runs' : 'imports',
    text: textOf(rule),
  };
}

/** The characters that fill a pattern for an example. */
const FILLINGS = [...'0123456789'];

function usedFor(rules: readonly Scenario[], rule: Scenario, identifier: string): Scenario | undefined {
  if (isRequestScenario(rule)) return requestScenarioFor(rules, identifier, 0);
  return importScenarioFor(rules, { identifier, isDryRun: isForDryRuns(rule), attempt: 1 });
}

const count = (number: number, one: string): string => `${number} ${one}${number === 1 ? '' : 's'}`;

function textOf(rule: Scenario): string {
  if (isRequestScenario(rule)) {
    const { firstSecondsOfMinute: seconds } = rule;
    const refused = `refused with ${rule.outcome === 'THROTTLED' ? '429 and Retry-After' : '503'}`;
    return seconds === undefined
      ? `Is always ${refused}.`
      : `Is ${refused} in the first ${count(seconds, 'second')} of each minute.`;
  }
  const subject = isForDryRuns(rule) ? 'A dry run ends' : 'Ends';
  const after = rule.delaySeconds === undefined ? '' : ` after ${count(rule.delaySeconds, 'second')}`;
  const reason =
    rule.outcome === 'ERRORED' || rule.outcome === 'DRY_RUN_ERRORED'
      ? ` with ${rule.code} (domain ${rule.domain})`
      : '';
  return `${subject} ${rule.outcome}${after}${reason}${attemptsText(rule.attempts)}.`;
}

function attemptsText(attempts: number | undefined): string {
  if (attempts === undefined) return '';
  return attempts === 1
    ? ' at the first attempt, not at later ones'
    : ` at the first ${attempts} attempts, not at later ones`;
}
