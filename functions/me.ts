import { httpEndpoint } from './edge/http.ts';
import { meBody } from './edge/me-body.ts';
import { ok } from './edge/responses.ts';
import { setting } from './edge/settings.ts';

const environment = {
  name: setting('ENVIRONMENT_NAME'),
  timeZone: setting('TIME_ZONE'),
  scenariosAllowed: process.env['SCENARIOS_ALLOWED'] === 'true',
  limits: JSON.parse(setting('LIMITS')),
};

/** GET /me/ — returns what the caller's token may do, and the environment's limits. Makes no AWS calls. */
export const handler = httpEndpoint('me', ({ caller }) => ok(meBody(caller, environment)));
