import type { ScenarioBody, SupplierBody, TokenBody } from '../../../shared/api/admin-schemas.ts';
import { describeScenario } from '../../../shared/scenarios/describe-scenario.ts';
import type { Scenario } from '../../../shared/scenarios/scenario.ts';
import type { ImportSupplier } from '../../../shared/suppliers/registry.ts';
import { isValidAt, type Token, tokenId } from '../../../shared/suppliers/tokens.ts';
import { isoTime } from '../iso-time.ts';

export const supplierBody = (supplier: ImportSupplier): SupplierBody => ({
  code: supplier.code,
  migration: supplier.migration,
  ignores_unknown_columns: supplier.ignores_unknown_columns ?? false,
  scenarios: supplier.scenarios?.length ?? 0,
});

/** @param ownId the id of the request's token */
export function tokenBody(
  token: Token,
  { ownId, now, timeZone }: { ownId: string; now: number; timeZone: string },
): TokenBody {
  const time = (at: number | undefined): string | null => (at === undefined ? null : isoTime(at, timeZone));
  const ended = token.revoked_at === undefined ? 'expired' : 'revoked';
  return {
    id: tokenId(token),
    name: token.name,
    role: token.role,
    suppliers: token.suppliers,
    state: isValidAt(token, now) ? 'valid' : ended,
    is_own: tokenId(token) === ownId,
    created_at: isoTime(token.created_at, timeZone),
    expires_at: time(token.expires_at),
    revoked_at: time(token.revoked_at),
    last_used_on: token.last_used_on ?? null,
  };
}

export const scenarioBodies = (rules: readonly Scenario[]): ScenarioBody[] =>
  rules.map((rule, index) => {
    const { identifiers, example, appliesTo, text } = describeScenario(rules, index);
    return { identifiers, example: example ?? null, applies_to: appliesTo, text, rule };
  });
