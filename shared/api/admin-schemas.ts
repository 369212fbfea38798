import * as v from 'valibot';
import { SCENARIOS_MAX } from '../scenarios/scenario.ts';
import { Role } from '../suppliers/tokens.ts';
import { Count, described, NextCursor, Time } from './schema-parts.ts';

/** The schemas of the bodies of suppliers, tokens and scenarios, by their names in the OpenAPI document. */

const Migration = v.picklist(['open', 'closed']);
const EffectiveWithinSeconds = described(
  Count,
  'The longest time until every function uses the change: their caches expire by then.',
);
/** A time in a request: a date, or a time without an offset, is in the environment’s time zone. */
const SentTime = v.pipe(v.string(), v.examples(['2027-06-30', '2027-06-30T18:00:00+10:00']));

const supplierEntries = {
  code: v.string(),
  migration: described(Migration, 'Imports of a supplier whose migration is closed are refused.'),
  ignores_unknown_columns: described(
    v.boolean(),
    'Whether columns of dropped CSV files that match no field are ignored. Otherwise such files are refused.',
  ),
  scenarios: described(Count, 'The number of its scenarios.'),
};
const SupplierBody = v.strictObject(supplierEntries);
export type SupplierBody = v.InferOutput<typeof SupplierBody>;
const SupplierListBody = v.strictObject({ results: v.array(SupplierBody) });
const ChangedSupplierBody = v.strictObject({
  ...supplierEntries,
  effective_within_seconds: EffectiveWithinSeconds,
});
const SupplierRequest = v.strictObject({
  migration: v.optional(Migration),
  ignores_unknown_columns: v.optional(v.boolean()),
});
const NewSupplierRequest = v.strictObject({
  code: described(
    v.pipe(v.string(), v.regex(/^[A-Z0-9][A-Z0-9_-]{0,63}$/)),
    'Capitals, digits, `_` and `-`; begins with a capital or a digit.',
  ),
  migration: described(v.optional(Migration), 'Default: `open`.'),
  ignores_unknown_columns: described(v.optional(v.boolean()), 'Default: `false`.'),
});

const tokenEntries = {
  id: described(v.string(), 'The first 12 digits of the SHA-256 of its key.'),
  name: described(v.string(), 'The name of its holder.'),
  role: Role,
  suppliers: described(v.array(v.string()), 'The codes of its suppliers, or only `*`: every supplier.'),
  state: v.picklist(['valid', 'expired', 'revoked']),
  is_own: described(v.boolean(), 'Whether it is the token of this request.'),
  created_at: Time,
  expires_at: described(v.nullable(Time), 'Exclusive; null if it does not expire.'),
  revoked_at: v.nullable(Time),
  last_used_on: described(v.nullable(v.string()), 'The last day on which it was used, in UTC.'),
};
const TokenBody = v.strictObject(tokenEntries);
export type TokenBody = v.InferOutput<typeof TokenBody>;
const TokenListBody = v.strictObject({ results: v.array(TokenBody), next_cursor: NextCursor });
const Key = described(
  v.string(),
  'The key to send as `Authorization: Token <key>`. It is not stored, and shown only here.',
);
const NewTokenRequest = v.strictObject({
  name: described(v.pipe(v.string(), v.minLength(1), v.maxLength(128)), 'The name of its holder.'),
  role: Role,
  suppliers: described(
    v.optional(v.array(v.string())),
    'The codes of at most 50 registered suppliers. `*`, for operators only and their default, is every supplier, including those that are registered later.',
  ),
  expires_at: described(v.nullish(SentTime), 'Exclusive. Default: it does not expire.'),
});
const NewTokenBody = v.strictObject({ key: Key, token: TokenBody });
const RotateRequest = v.strictObject({
  expires_at: described(
    v.nullish(SentTime),
    'When the new token expires. Default: when the old one would have.',
  ),
  old_until: described(v.nullish(SentTime), 'When the old token ends. Default: at once.'),
});
const RotatedTokenBody = v.strictObject({
  key: Key,
  token: TokenBody,
  old: TokenBody,
  effective_within_seconds: EffectiveWithinSeconds,
});
const RevokeRequest = v.strictObject({
  even_if_last: described(
    v.optional(v.boolean()),
    'Revokes even the last valid token of an operator of every supplier.',
  ),
});
const RevokedTokenBody = v.strictObject({
  ...tokenEntries,
  effective_within_seconds: EffectiveWithinSeconds,
});

const ScenarioRule = v.object({
  identifiers: described(v.string(), 'A pattern of ten characters: `?` matches any, one `*` the rest.'),
  outcome: v.picklist([
    'ERRORED',
    'DRY_RUN_ERRORED',
    'PROCESSED',
    'DRY_RUN_SUCCEEDED',
    'THROTTLED',
    'OUTAGE',
  ]),
  code: v.optional(v.string()),
  detail: v.optional(v.string()),
  domain: v.optional(v.string()),
  delaySeconds: described(v.optional(Count), 'How long the import takes, in seconds.'),
  attempts: described(v.optional(Count), 'The rule applies to the first so many attempts. Default: to all.'),
  firstSecondsOfMinute: described(
    v.optional(Count),
    'Requests are refused in the first so many seconds of each minute. Default: always.',
  ),
});
const ScenarioBody = v.strictObject({
  identifiers: described(
    v.string(),
    'The ten characters of the identifiers that it applies to; `?` is any character.',
  ),
  example: described(
    v.nullable(v.string()),
    'An identifier for which it is the first that applies; null if there is none of one repeated digit.',
  ),
  applies_to: described(
    v.picklist(['imports', 'dry_runs', 'requests']),
    'Imports that are not dry runs, dry runs, or requests to create an import.',
  ),
  text: described(v.string(), 'What happens, in words.'),
  rule: described(ScenarioRule, 'As `rules` of a request has it.'),
});
export type ScenarioBody = v.InferOutput<typeof ScenarioBody>;
const ScenariosBody = v.strictObject({
  allowed: described(v.boolean(), 'Whether the environment allows scenarios. Otherwise they have no effect.'),
  revision: described(Count, 'Counts the changes.'),
  results: described(v.array(ScenarioBody), 'In their order: the first that applies to an import is used.'),
  effective_within_seconds: EffectiveWithinSeconds,
});
export type ScenariosBody = v.InferOutput<typeof ScenariosBody>;
const ScenariosRequest = v.strictObject({
  rules: v.pipe(v.array(ScenarioRule), v.maxLength(SCENARIOS_MAX)),
  revision: described(
    v.optional(Count),
    'The revision that is to be replaced; 409 if it is another. Default: whatever it is.',
  ),
});

export const ADMIN_SCHEMAS = {
  SupplierListBody,
  ChangedSupplierBody,
  NewSupplierRequest,
  SupplierRequest,
  TokenListBody,
  NewTokenRequest,
  NewTokenBody,
  RotateRequest,
  RotatedTokenBody,
  RevokeRequest,
  RevokedTokenBody,
  ScenariosRequest,
  ScenariosBody,
};
