import type { LocalHost } from '../../infra/local/host.ts';

/**
 * Kills the worker's threads at random intervals from 0 to twice the mean (seconds; 0: never). Stops after `forMs` milliseconds or
 * when `stop` is called: the imports can then finish.
 */
export function killWorkers(host: LocalHost, meanSeconds: number, forMs: number) {
  const until = performance.now() + forMs;
  let kills = 0;
  let timer: NodeJS.Timeout | undefined;
  const scheduleKill = () => {
    timer = setTimeout(
      async () => {
        await host.kill('worker');
        kills += 1;
        if (timer !== undefined && performance.now() < until) scheduleKill();
      },
      Math.random() * 2 * meanSeconds * 1000,
    );
  };
  if (meanSeconds > 0) scheduleKill();
  return {
    kills: () => kills,
    stop() {
      clearTimeout(timer);
      timer = undefined;
    },
  };
}
