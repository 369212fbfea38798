import type { ServerResponse } from 'node:http';

/** Tracks requests until their response ends, even if the client has disconnected. */
export function inFlightRequests() {
  const inProgress = new Set<ServerResponse>();
  let onEnd = () => {};
  return {
    /** Tracks a response until its `end` is called, and returns it. */
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
    /** Waits until no request is in flight. */
    async ended(): Promise<void> {
      if (inProgress.size === 0) return;
      await new Promise<void>((done) => {
        onEnd = done;
      });
    },
  };
}
