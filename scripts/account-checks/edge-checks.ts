import { INVALID_TOKEN, NO_SUCH_PATH, NOT_AUTHENTICATED } from '../../cli/check/access-checks.ts';
import type { ExpectedResponse } from '../../cli/check/check.ts';
import { runCheck } from '../../cli/check/run-check.ts';
import type { Request } from '../../cli/check/service.ts';
import { SUPPLY_POINTS } from '../../shared/api/operations.ts';
import { newTokenKey } from '../../shared/suppliers/tokens.ts';
import { type Account, differs, type Outcome, ok, type ReadOnlyCheck, skipped } from './check.ts';
import { handshake } from './tls.ts';

const HTTPS_PORT = 443;
const HEALTHY: ExpectedResponse = { status: 200, body: { status: 'ok' } };

/** Checks API Gateway's own responses, and the TLS versions that it accepts. */
export const edgeChecks: readonly ReadOnlyCheck[] = [
  { name: 'TLS 1.1 is rejected, and TLS 1.2 accepted', run: refusesOldTls },
  responseCheck(
    'an unknown path has the gateway’s 404',
    { method: 'GET', path: '/v1/anything/' },
    NO_SUCH_PATH,
  ),
  responseCheck(
    'an unknown path without a token has the same 404',
    { method: 'POST', path: `${SUPPLY_POINTS}/a/b/c/d/` },
    NO_SUCH_PATH,
  ),
  responseCheck(
    'a request without a token has 401',
    { method: 'POST', path: `${SUPPLY_POINTS}/` },
    NOT_AUTHENTICATED,
  ),
  responseCheck(
    'a request with an unknown token has 401',
    { method: 'POST', path: `${SUPPLY_POINTS}/`, authorization: `Token ${newTokenKey()}` },
    INVALID_TOKEN,
  ),
  responseCheck(
    'HEAD works where GET does',
    { method: 'HEAD', path: '/health/' },
    { status: 200, body: undefined },
  ),
  responseCheck('a path works without its trailing slash', { method: 'GET', path: '/health' }, HEALTHY),
];

/** Makes a check of one request, which includes the headers of every response. */
function responseCheck(name: string, request: Request, expected: ExpectedResponse): ReadOnlyCheck {
  return { name, run: ({ service }) => runCheck({ name, request, expected }, service, 0) };
}

async function refusesOldTls({ deployed }: Account): Promise<Outcome> {
  const { protocol, hostname, port } = new URL(deployed.output('ApiUrl'));
  if (protocol !== 'https:') return skipped('the API is not served over TLS');
  const tlsPort = port === '' ? HTTPS_PORT : Number(port);
  // Tries TLS 1.2 first, to distinguish a network error from a rejected TLS 1.1.
  const current = await handshake(hostname, tlsPort, 'TLSv1.2');
  if (current.kind !== 'accepted')
    return differs(`a handshake of TLS 1.2 is ${current.kind} (${current.code})`);
  const old = await handshake(hostname, tlsPort, 'TLSv1.1');
  if (old.kind === 'refused') return ok(old.code);
  if (old.kind === 'accepted') return differs(`a handshake of at most TLS 1.1 is accepted (${old.version})`);
  return { kind: 'unknown', detail: `no handshake of TLS 1.1 could be tried (${old.code})` };
}
