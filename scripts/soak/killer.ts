import type { LocalHost } from '../../infra/local/host.ts';

/**
 * Ends the worker's threads in the middle of what they do, at random times: from at once to twice the mean. It rests after
 * `forMs`, or when it is told to, so that the work can come to an end.
 */
export function killWorkers(host: LocalHost, meanSeconds: number, forMs: number) {
  const until = performance.now() + forMs;
  let kills = 0;
  let timer: NodeJS.Timeout | undefined;
  const later = () => {
    timer = setTimeout(
      async () => {
        await host.kill('worker');
        kills += 1;
        if (timer !== undefined && performance.now() < until) later();
      },
      Math.random() * 2 * meanSeconds * 1000,
    );
  };
  if (meanSeconds > 0) later();
  return {
    kills: () => kills,
    stop() {
      clearTimeout(timer);
      timer = undefined;
    },
  };
}
