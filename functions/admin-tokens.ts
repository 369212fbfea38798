import { dynamoDB } from '../shared/aws/clients.ts';
import { registry } from '../shared/suppliers/registry.ts';
import {
  createToken,
  outlivesAdministrator,
  revokeToken,
  rotateToken,
} from '../shared/suppliers/token-changes.ts';
import { type Token, tokenId } from '../shared/suppliers/tokens.ts';
import { type Administrator, administratorOf } from './edge/admin/administrator.ts';
import { tokenBody } from './edge/admin/bodies.ts';
import { readNewTokenRequest, readRevokeRequest, readRotateRequest } from './edge/admin/requests.ts';
import { readTokenCursor, tokenPage } from './edge/admin/token-page.ts';
import { suppliersOfToken } from './edge/admin/token-suppliers.ts';
import { type AuthorizedRequest, httpEndpoints } from './edge/http.ts';
import { isoTime } from './edge/iso-time.ts';
import { log } from './edge/log.ts';
import { badRequest, created, httpErrors, ok } from './edge/responses.ts';
import { setting } from './edge/settings.ts';

const registered = registry(dynamoDB(), setting('REGISTRY_TABLE'));
const timeZone = setting('TIME_ZONE');
const effective = { effective_within_seconds: Number(setting('AUTHORIZER_CACHE_SECONDS')) };

/** How long lists have tokens that were revoked or have expired, in ms. */
const LISTED_MS = 90 * 24 * 60 * 60 * 1000;

const bodyFor =
  (administrator: Administrator, { now }: AuthorizedRequest) =>
  (token: Token) =>
    tokenBody(token, { ownId: administrator.id, now, timeZone });

/** A key must be in no cache. */
const NO_STORE = { headers: { 'Cache-Control': 'no-store' } };

/** The error of a token that would administer for longer than the administrator's own. */
const outlives = ({ caller }: AuthorizedRequest) =>
  badRequest({
    expires_at: [
      `An operator of every supplier must not last longer than your own token, until ${isoTime(caller.expiresAt!, timeZone)}.`,
    ],
  });

/** `/admin/tokens/` — lists, creates, rotates and revokes tokens. Changes are logged as warnings, which no log level hides, without keys. */
export const handler = httpEndpoints('admin-tokens', {
  'tokens-list': async (request) => {
    const administrator = await administratorOf(request, registered);
    const isListed = ({ revoked_at, expires_at }: Token): boolean =>
      (revoked_at ?? expires_at ?? Infinity) > request.now - LISTED_MS;
    const cursor = readTokenCursor(request.query);
    if ('error' in cursor) return badRequest({ cursor: [cursor.error] });
    const { tokens, next } = tokenPage((await registered.tokens()).filter(isListed), cursor.value);
    return ok({ results: tokens.map(bodyFor(administrator, request)), next_cursor: next });
  },

  'tokens-create': async (request) => {
    const administrator = await administratorOf(request, registered);
    const read = readNewTokenRequest(request.json(), request.now, timeZone);
    if (!read.valid) return badRequest(read.errors);
    const { name, role, expires_at } = read.data;
    const suppliers = suppliersOfToken(read.data, await registered.list({ isConsistent: true }));
    if (!suppliers.valid) return badRequest(suppliers.errors);
    const properties = { name, role, suppliers: suppliers.data, ...(expires_at && { expires_at }) };
    if (outlivesAdministrator(properties, request.caller.expiresAt)) return outlives(request);
    const { key, token } = await createToken(registered, properties, request.now);
    log.warn('token created', { administrator, id: tokenId(token), ...properties });
    return { ...created({ key, token: bodyFor(administrator, request)(token) }), ...NO_STORE };
  },

  'tokens-rotate': async (request) => {
    const administrator = await administratorOf(request, registered);
    const read = readRotateRequest(request.json(), request.now, timeZone);
    if (!read.valid) return badRequest(read.errors);
    const { now, caller } = request;
    const id = request.parameters['token']!;
    const times = {
      expiresAt: read.data.expires_at ?? undefined,
      oldUntil: read.data.old_until ?? undefined,
    };
    const rotation = await rotateToken(registered, id, times, {
      now,
      administratorExpiresAt: caller.expiresAt,
    });
    switch (rotation.kind) {
      case 'unknown':
        throw httpErrors.notFound();
      case 'revoked':
        throw httpErrors.tokenRevoked(id);
      case 'expired':
        return badRequest({ expires_at: ['The token has expired: say when the new one does.'] });
      case 'outlives':
        return outlives(request);
      case 'rotated': {
        const { key, token, old } = rotation;
        log.warn('token rotated', { administrator, id: tokenId(token), old_id: tokenId(old), ...times });
        const body = bodyFor(administrator, request);
        return { ...created({ key, token: body(token), old: body(old), ...effective }), ...NO_STORE };
      }
    }
  },

  'tokens-revoke': async (request) => {
    const administrator = await administratorOf(request, registered);
    const read = readRevokeRequest(request.json());
    if (!read.valid) return badRequest(read.errors);
    const id = request.parameters['token']!;
    const revocation = await revokeToken(registered, id, {
      evenIfLast: read.data.even_if_last,
      now: request.now,
    });
    if (revocation.kind === 'last') throw httpErrors.lastAdministrator(id);
    if (revocation.kind === 'unknown') throw httpErrors.notFound();
    const { token } = revocation;
    log.warn('token revoked', { administrator, id: tokenId(token), name: token.name });
    return ok({ ...bodyFor(administrator, request)(token), ...effective });
  },
});
