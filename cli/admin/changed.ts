import type { ResultOf } from '../../shared/api/operation-types.ts';
import type { OperationName } from '../../shared/api/operations.ts';
import { CliError, EXIT, isCliError, type Values } from '../command.ts';
import { environmentNamed } from '../environments.ts';
import { type CallOptions, type Reply, refused, service } from '../service.ts';

/** How the outcome of a request that got no response is found out. */
const LOOK: Readonly<Partial<Record<OperationName, string>>> = {
  'tokens-create': 'supply-points token list',
  'tokens-rotate': 'supply-points token list',
};

/**
 * Sends a request that changes something, and returns the body of a 2xx. Requests that create something are sent once, because a repetition
 * could create another.
 *
 * @throws CliError with the response's reason
 */
export async function changed<Name extends OperationName>(
  values: Values,
  operation: Name,
  options: CallOptions<Name>,
): Promise<ResultOf<Name>> {
  const look = LOOK[operation];
  const environment = environmentNamed(values['env'] as string | undefined);
  const api = service(environment, look === undefined ? {} : { attemptsMax: 1 });
  const reply = await api.call(operation, options).catch((error: unknown) => {
    if (look === undefined || !isCliError(error)) throw error;
    throw new CliError(`${error.message} It is unknown whether it was done.`, { next: look });
  });
  if (reply.status >= 200 && reply.status < 300) return reply.body;
  if (reply.status === 400) throw invalid(reply, api.host);
  throw refused(reply, api.host);
}

/** The error for a 400, whose body has messages under the names of fields. */
function invalid({ body }: Reply, host: string): CliError {
  const messages = Object.entries(body as object).map(([field, texts]) =>
    field === 'non_field_errors' ? textOf(texts) : `${field}: ${textOf(texts)}`,
  );
  return new CliError(`${host} refused it. ${messages.join(' ')} Nothing was done.`, {
    exitCode: EXIT.wrongUse,
  });
}

const textOf = (texts: unknown): string =>
  Array.isArray(texts) && texts.every((text) => typeof text === 'string')
    ? texts.join('; ')
    : JSON.stringify(texts);

/** Says when a change takes effect. */
export const takesEffect = ({ effective_within_seconds: seconds }: { effective_within_seconds: number }) =>
  `This takes effect within ${seconds} seconds.`;
