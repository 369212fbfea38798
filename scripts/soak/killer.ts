import type { LocalHost } from '../../infra/local/host.ts';

/** Ends the worker's threads in the middle of what they do, at random times: from at once to twice the mean. */
export function killWorkers(host: LocalHost, meanSeconds: number) {
  let kills = 0;
  let timer: NodeJS.Timeout | undefined;
  const later = () => {
    timer = setTimeout(
      async () => {
        await host.kill('worker');
        kills += 1;
        if (timer !== undefined) later();
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
