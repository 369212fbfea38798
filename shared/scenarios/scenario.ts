import * as v from 'valibot';
import { SEND_DELAY_SECONDS_MAX } from '../aws/send-messages.ts';
import { ImportError } from '../imports/model/import-process.ts';
import { matchesPattern, readPattern } from './pattern.ts';

/** Rules of one import supplier. They are part of its registry item, whose size DynamoDB limits to 400 KB. */
export const SCENARIOS_MAX = 50;
const DETAIL_CHARACTERS_MAX = 500;
/** Largest number of attempts that a rule may apply to. */
const ATTEMPTS_MAX = 20;

/** Returns the message for an object or its keys. valibot expects `never` of a key that the schema does not have. */
const keyMessage = ({ expected, input }: v.BaseIssue<unknown>): string => {
  if (expected === 'never') return 'is not a field of a rule with this outcome';
  return input === undefined ? 'is missing' : 'must be an object';
};
const wholeNumber = (unit: string, max: number) => {
  const message = `must be a whole number of ${unit} from 1 to ${max}`;
  return v.pipe(
    v.number(message),
    v.check((value) => Number.isInteger(value) && value >= 1 && value <= max, message),
  );
};

const identifiers = v.pipe(
  v.string('must be a pattern such as "4999*01"'),
  v.rawCheck(({ dataset, addIssue }) => {
    const read = dataset.typed ? readPattern(dataset.value) : { expanded: '' };
    if ('error' in read) addIssue({ message: read.error });
  }),
);
const delaySeconds = wholeNumber('seconds', SEND_DELAY_SECONDS_MAX);
/** The rule applies to this many first attempts of an import; absent means all. */
const attempts = v.optional(wholeNumber('attempts', ATTEMPTS_MAX));

/** The import ends with an error and creates nothing. */
const failure = {
  identifiers,
  code: v.pipe(
    v.string('must be text'),
    v.regex(
      /^[a-z][a-z0-9_]{0,99}$/,
      'must have at most 100 lower-case letters, digits and _, and begin with a letter',
    ),
  ),
  detail: v.pipe(
    v.string('must be text'),
    v.minLength(1, 'must not be empty'),
    v.maxLength(DETAIL_CHARACTERS_MAX, `must have at most ${DETAIL_CHARACTERS_MAX} characters`),
  ),
  domain: v.picklist(
    ImportError.entries.domain.options,
    `must be one of ${ImportError.entries.domain.options.join(', ')}`,
  ),
  delaySeconds: v.optional(delaySeconds),
  attempts,
};
/** The import is processed as usual, but later. */
const delay = { identifiers, delaySeconds, attempts };
/** The create request is rejected: always, or only in the first seconds of every minute. */
const rejection = { identifiers, firstSecondsOfMinute: v.optional(wholeNumber('seconds', 59)) };

const OUTCOMES = 'ERRORED, DRY_RUN_ERRORED, PROCESSED, DRY_RUN_SUCCEEDED, THROTTLED, OUTAGE';

/**
 * A rule that decides the outcome of the imports whose identifiers match. Rules with an outcome `DRY_RUN_…` apply only to dry runs,
 * rules with another outcome of an import only to other imports.
 */
export const Scenario = v.variant(
  'outcome',
  [
    v.strictObject({ outcome: v.literal('ERRORED'), ...failure }, keyMessage),
    v.strictObject({ outcome: v.literal('DRY_RUN_ERRORED'), ...failure }, keyMessage),
    v.strictObject({ outcome: v.literal('PROCESSED'), ...delay }, keyMessage),
    v.strictObject({ outcome: v.literal('DRY_RUN_SUCCEEDED'), ...delay }, keyMessage),
    v.strictObject({ outcome: v.literal('THROTTLED'), ...rejection }, keyMessage),
    v.strictObject({ outcome: v.literal('OUTAGE'), ...rejection }, keyMessage),
  ],
  ({ path }) => (path === undefined ? 'must be an object' : `must be one of ${OUTCOMES}`),
);
export type Scenario = v.InferOutput<typeof Scenario>;

/** A rule that rejects create requests. */
export type RequestScenario = Extract<Scenario, { outcome: 'THROTTLED' | 'OUTAGE' }>;
/** A rule that makes the worker end an import with an error, or process it later. */
export type ImportScenario = Exclude<Scenario, RequestScenario>;

export const isRequestScenario = (rule: Scenario): rule is RequestScenario =>
  rule.outcome === 'THROTTLED' || rule.outcome === 'OUTAGE';

export const isForDryRuns = ({ outcome }: ImportScenario): boolean =>
  outcome === 'DRY_RUN_ERRORED' || outcome === 'DRY_RUN_SUCCEEDED';

/** Returns the first rule that rejects a create request for this identifier at `now` (epoch ms). */
export function requestScenarioFor(
  rules: readonly Scenario[],
  identifier: string,
  now: number,
): RequestScenario | undefined {
  const second = secondOfMinute(now);
  return rules
    .filter(isRequestScenario)
    .find(
      (rule) =>
        matchesPattern(rule.identifiers, identifier) && second < (rule.firstSecondsOfMinute ?? Infinity),
    );
}

/** Returns the first rule that matches an import's identifier, dry run or not, and attempt, of which 1 is the first. */
export function importScenarioFor(
  rules: readonly Scenario[],
  { identifier, isDryRun, attempt }: { identifier: string; isDryRun: boolean; attempt: number },
): ImportScenario | undefined {
  return rules
    .filter((rule) => !isRequestScenario(rule))
    .find(
      (rule) =>
        matchesPattern(rule.identifiers, identifier) &&
        isForDryRuns(rule) === isDryRun &&
        attempt <= (rule.attempts ?? Infinity),
    );
}

/** Returns the second of the minute, 0 to 59, of a time in epoch ms. It is the same in all time zones, whose offsets are whole minutes. */
export const secondOfMinute = (now: number): number => Math.floor(now / 1000) % 60;
