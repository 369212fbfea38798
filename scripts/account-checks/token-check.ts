import { INVALID_TOKEN } from '../../cli/check/access-checks.ts';
import { compare } from '../../cli/check/run-check.ts';
import { SUPPLY_POINTS } from '../../shared/api/operations.ts';
import { type ChangingCheck, differs, eventually, ok } from './check.ts';
import { SUPPLIER } from './temporary-supplier.ts';

/** Tolerance for clock differences and request durations. */
const MARGIN_SECONDS = 10;

/** Checks that a revoked token is rejected when API Gateway's cached policy expires. */
export const tokenCheck: ChangingCheck = {
  name: 'a revoked token is rejected after authorizerCacheSeconds',
  changes: 'creates a token, and revokes it',
  async run({ service, environment: { authorizerCacheSeconds } }, supplier) {
    const { authorization, revoke } = await supplier.newToken();
    const request = {
      method: 'GET',
      path: `${SUPPLY_POINTS}/${SUPPLIER}/${supplier.dryRun().identifier}/`,
      authorization,
    };
    // 404 means that the token is valid: there is no such import.
    const { status } = await service(request);
    if (status !== 404) return differs(`a request with a new token has ${status}, not 404`);
    await revoke();
    const revokedAt = Date.now();
    return eventually((authorizerCacheSeconds + MARGIN_SECONDS) * 1000, async () => {
      const outcome = compare(INVALID_TOKEN, await service(request));
      return outcome.kind === 'ok' ? ok(`${Math.round((Date.now() - revokedAt) / 1000)} s`) : outcome;
    });
  },
};
