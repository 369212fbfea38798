import * as v from 'valibot';
import { SEND_DELAY_SECONDS_MAX } from '../aws/send-messages.ts';
import { ImportError } from '../imports/import-process.ts';
import { matchesPattern, readPattern } from './pattern.ts';

/** Rules of one import supplier: they stand in its registry item, which may have 400 KB. */
export const SCENARIOS_MAX = 50;
const DETAIL_CHARACTERS_MAX = 500;
/** Failures that somebody may want to retry one by one. */
const ATTEMPTS_MAX = 20;

/** Says what is wrong with an object's keys: `never` is what valibot expects of one that is not known. */
const keys = ({ expected, input }: v.BaseIssue<unknown>): string => {
  if (expected === 'never') return 'is not a field of a rule with this outcome';
  return input === undefined ? 'is missing' : 'must be an object';
};
const wholeNumber = (unit: string, max: number) => {
  const says = `must be a whole number of ${unit} from 1 to ${max}`;
  return v.pipe(
    v.number(says),
    v.check((value) => Number.isInteger(value) && value >= 1 && value <= max, says),
  );
};

const identifiers = v.pipe(
  v.string('must be a pattern such as "4999*01"'),
  v.rawCheck(({ dataset, addIssue }) => {
    const read = dataset.typed ? readPattern(dataset.value) : { places: '' };
    if ('wrong' in read) addIssue({ message: read.wrong });
  }),
);
const delaySeconds = wholeNumber('seconds', SEND_DELAY_SECONDS_MAX);
/** The rule is for an import's first so many attempts; absent: for all. */
const attempts = v.optional(wholeNumber('attempts', ATTEMPTS_MAX));

/** An import that ends with an error, in place of creating anything. */
const failure = {
  identifiers,
  code: v.pipe(
    v.string('must be text'),
    v.regex(/^[a-z][a-z0-9_]{0,99}$/, 'must be at most 100 small letters, digits and _, a letter first'),
  ),
  detail: v.pipe(
    v.string('must be text'),
    v.minLength(1, 'must not be empty'),
    v.maxLength(DETAIL_CHARACTERS_MAX, `must be at most ${DETAIL_CHARACTERS_MAX} characters`),
  ),
  domain: v.picklist(
    ImportError.entries.domain.options,
    `must be one of ${ImportError.entries.domain.options.join(', ')}`,
  ),
  delaySeconds: v.optional(delaySeconds),
  attempts,
};
/** An import that goes its ordinary way, but later. */
const slow = { identifiers, delaySeconds, attempts };
/** A request that create refuses; `firstSecondsOfMinute`: only in each minute's first so many seconds. */
const refusal = { identifiers, firstSecondsOfMinute: v.optional(wholeNumber('seconds', 59)) };

const OUTCOMES = 'ERRORED, DRY_RUN_ERRORED, PROCESSED, DRY_RUN_SUCCEEDED, THROTTLED, OUTAGE';

/**
 * A rule of a rehearsal: what becomes of the imports whose identifiers match. Rules of dry runs (`DRY_RUN_…`) are for dry
 * runs only, and the others for the rest.
 */
export const Scenario = v.variant(
  'outcome',
  [
    v.strictObject({ outcome: v.literal('ERRORED'), ...failure }, keys),
    v.strictObject({ outcome: v.literal('DRY_RUN_ERRORED'), ...failure }, keys),
    v.strictObject({ outcome: v.literal('PROCESSED'), ...slow }, keys),
    v.strictObject({ outcome: v.literal('DRY_RUN_SUCCEEDED'), ...slow }, keys),
    v.strictObject({ outcome: v.literal('THROTTLED'), ...refusal }, keys),
    v.strictObject({ outcome: v.literal('OUTAGE'), ...refusal }, keys),
  ],
  ({ path }) => (path === undefined ? 'must be an object' : `must be one of ${OUTCOMES}`),
);
export type Scenario = v.InferOutput<typeof Scenario>;

/** What create refuses. */
export type RequestScenario = Extract<Scenario, { outcome: 'THROTTLED' | 'OUTAGE' }>;
/** What the worker does otherwise, or later, than it would. */
export type ImportScenario = Exclude<Scenario, RequestScenario>;

export const isRequestScenario = (rule: Scenario): rule is RequestScenario =>
  rule.outcome === 'THROTTLED' || rule.outcome === 'OUTAGE';

export const isForDryRuns = ({ outcome }: ImportScenario): boolean =>
  outcome === 'DRY_RUN_ERRORED' || outcome === 'DRY_RUN_SUCCEEDED';

/** The rule by which a submission is refused at that time (epoch ms): the first that matches. */
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

/** The rule for work on an import: the first that matches its identifier, its kind of run and its attempt (1 is the first). */
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

/** Of a time in epoch ms: 0 to 59. Minutes begin together everywhere, as offsets of zones are whole minutes. */
export const secondOfMinute = (now: number): number => Math.floor(now / 1000) % 60;
