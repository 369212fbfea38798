import type { MeBody } from '../../shared/api/schemas.ts';
import type { Caller } from '../../shared/suppliers/authenticate.ts';
import { isPermitted } from '../../shared/suppliers/tokens.ts';
import { isoTime } from './iso-time.ts';

/** Settings of the environment that callers need. `timeZone` is an IANA name. */
type EnvironmentFacts = {
  name: string;
  timeZone: string;
  scenariosAllowed: boolean;
  limits: MeBody['limits'];
};

/** Returns the body of `GET /me/`. An operator's token for every supplier lists all that are registered. */
export function meBody(caller: Caller, environment: EnvironmentFacts): MeBody {
  const { role, token, expiresAt, suppliers } = caller;
  const { timeZone } = environment;
  const expiryTime = expiresAt === undefined ? null : isoTime(expiresAt, timeZone);
  return {
    role,
    is_administrator: isPermitted(caller, 'administer'),
    token: token === undefined ? null : { name: token.name, expires_at: expiryTime },
    suppliers: Object.entries(suppliers)
      .map(([code, migration]) => ({ code, migration }))
      .sort((one, other) => (one.code < other.code ? -1 : 1)),
    environment: {
      name: environment.name,
      time_zone: timeZone,
      scenarios_allowed: environment.scenariosAllowed,
    },
    limits: environment.limits,
  };
}
