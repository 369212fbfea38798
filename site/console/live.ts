import { createContext } from 'preact';
import { useContext, useEffect, useRef, useState } from 'preact/hooks';
import type { ResultOf } from '../../shared/api/operation-types.ts';
import type { OperationName } from '../../shared/api/operations.ts';
import type { MeBody } from '../../shared/api/schemas.ts';
import { type CallOptions, isOutage, type Service, textOf } from './service.ts';

/** What every view uses. */
export type Console = {
  api: Service;
  me: MeBody;
  /** The service could not be reached, or can be reached again. */
  setGone(isGone: boolean): void;
};
export const ConsoleContext = createContext<Console>(undefined as unknown as Console);
export const useConsole = (): Console => useContext(ConsoleContext);

/** Time between two requests while something moves, and while nothing does. */
const MOVING_MS = 1_000;
const RESTING_MS = 15_000;
/** Time between two requests while the service is gone. */
const GONE_MS = 3_000;

export type Live<Body> = {
  body: Body | undefined;
  /** Why the service refuses the request. */
  error: string | undefined;
  /** Asks at once. */
  refresh(): void;
};

/**
 * Asks an operation again and again, with the ETag of the last body: every second while `isMoving` says so, otherwise every 15 seconds, and
 * never while the page is hidden. When the service is gone, the last body stays.
 */
export function useLive<Name extends OperationName>(
  operation: Name,
  options: CallOptions<Name>,
  isMoving: (body: ResultOf<Name>) => boolean = () => false,
): Live<ResultOf<Name>> {
  const { api, setGone } = useConsole();
  const key = JSON.stringify([operation, options]);
  const [state, setState] = useState<{ key: string; body?: ResultOf<Name>; error?: string }>({ key });
  const ask = useRef<() => void>(() => {});
  const moves = useRef(isMoving);
  moves.current = isMoving;

  useEffect(() => {
    let timer: number | undefined;
    let isStopped = false;
    let isAsking = false;
    let etag: string | undefined;
    let body: ResultOf<Name> | undefined;
    const poll = async (): Promise<void> => {
      if (isAsking || isStopped) return;
      isAsking = true;
      clearTimeout(timer);
      let next = RESTING_MS;
      try {
        const reply = await api.call(operation, { ...options, etag });
        if (isStopped) return;
        setGone(false);
        if (reply.status !== 304) {
          ({ etag, body } = reply);
          setState({ key, body });
        }
        if (moves.current(body!)) next = MOVING_MS;
      } catch (error) {
        if (isStopped) return;
        if (isOutage(error)) {
          setGone(true);
          next = GONE_MS;
        } else setState({ key, ...(body !== undefined && { body }), error: textOf(error) });
      } finally {
        isAsking = false;
      }
      if (!document.hidden && !isStopped) timer = window.setTimeout(poll, next);
    };
    const shown = (): void => {
      clearTimeout(timer);
      if (!document.hidden) void poll();
    };
    ask.current = () => void poll();
    document.addEventListener('visibilitychange', shown);
    void poll();
    return () => {
      isStopped = true;
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', shown);
    };
  }, [api, key]);

  const isPresent = state.key === key;
  return {
    body: isPresent ? state.body : undefined,
    error: isPresent ? state.error : undefined,
    refresh: () => ask.current(),
  };
}
