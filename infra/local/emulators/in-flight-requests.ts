import type { ServerResponse } from 'node:http';

/** Counts requests from when a handler gets them until it ends its answer, also where the client has gone meanwhile. */
export function inFlightRequests() {
  const inProgress = new Set<ServerResponse>();
  let onEnd = () => {};
  return {
    /** The same response, which counts from now on until its `end` is called. */
    tracked(response: ServerResponse): ServerResponse {
      inProgress.add(response);
      const { end } = response;
      response.end = ((...args: Parameters<typeof end>) => {
        inProgress.delete(response);
        if (inProgress.size === 0) onEnd();
        return end.apply(response, args);
      }) as typeof end;
      return response;
    },
    /** Waits until no request is in progress. */
    async ended(): Promise<void> {
      if (inProgress.size === 0) return;
      await new Promise<void>((done) => {
        onEnd = done;
      });
    },
  };
}
