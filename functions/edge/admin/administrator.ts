import type { registry } from '../../../shared/suppliers/registry.ts';
import { tokenWithId } from '../../../shared/suppliers/token-changes.ts';
import { isAdministrator, isValidAt, tokenId } from '../../../shared/suppliers/tokens.ts';
import type { AuthorizedRequest } from '../http.ts';
import { httpErrors } from '../responses.ts';

/** The administrator who sent a request, as log lines have it. */
export type Administrator = { id: string; name: string };

/**
 * Returns who sent a request, by the registry: API Gateway still accepts a token that has just been revoked, with which no other may be made.
 *
 * @throws HttpError 401
 */
export async function administratorOf(
  { caller, now }: AuthorizedRequest,
  registered: Pick<ReturnType<typeof registry>, 'tokens'>,
): Promise<Administrator> {
  const token = caller.token && (await tokenWithId(registered, caller.token.id));
  if (token === undefined || !isValidAt(token, now) || !isAdministrator(token))
    throw httpErrors.invalidToken();
  return { id: tokenId(token), name: token.name };
}
