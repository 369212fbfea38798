import type { IncomingMessage } from 'node:http';
import { accessKeyIdOf } from '../../infra/local/access/credentials.ts';
import { callerOf } from '../../infra/local/iam/call.ts';

/** The function that runs every minute, whether there are imports or not. */
const SWEEPER = accessKeyIdOf('sweeper');

/**
 * Whether a call is part of an import: made by a function, and neither by the sweeper nor by the operator, as whom the host starts and
 * this script drops files and looks at what became of them.
 *
 * @param operator the operator's access key
 */
export function isCounted(request: Pick<IncomingMessage, 'headers'>, operator: string): boolean {
  const caller = callerOf(request);
  return caller !== undefined && caller !== operator && caller !== SWEEPER;
}
