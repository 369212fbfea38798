import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Worker } from 'node:worker_threads';
import type { Invocation } from '../../infra/local/function-instance.ts';
import { counted, type Tally } from './tally.ts';

/** Node publishes each new worker thread to this channel. The host runs functions in worker threads. */
const CHANNEL = 'worker_threads';

/** Returns the function that an event invokes, or undefined if the event does not belong to an import. */
export type FunctionOfEvent = (event: Record<string, unknown>) => string | undefined;

/**
 * Counts the invocations of the host's functions, their duration (ms, each rounded up as Lambda bills) and the bytes of their logs,
 * until it is stopped. Must be started before the host. Cold starts are not included.
 */
export function startInvocationMeter(functionOf: FunctionOfEvent, tally: Tally): { stop(): void } {
  const onThread = (message: unknown): void =>
    meter((message as { worker: Worker }).worker, functionOf, tally);
  subscribe(CHANNEL, onThread);
  return { stop: () => unsubscribe(CHANNEL, onThread) };
}

function meter(worker: Worker, functionOf: FunctionOfEvent, tally: Tally): void {
  let underway: { name: string; since: number } | undefined;
  const post = worker.postMessage.bind(worker);
  worker.postMessage = (message: unknown) => {
    const { event: text } = message as Partial<Invocation>;
    const event = text === undefined ? {} : JSON.parse(text);
    const name = functionOf(event);
    if (name !== undefined && 'Records' in event) tally.add(counted.batch(name));
    underway = name === undefined ? undefined : { name, since: performance.now() };
    post(message);
  };
  worker.on('message', () => {
    if (underway === undefined) return;
    tally.add(counted.invocation(underway.name));
    tally.add(counted.milliseconds(underway.name), Math.ceil(performance.now() - underway.since));
    underway = undefined;
  });
  // Node publishes to the channel within the constructor, before the worker's streams exist.
  queueMicrotask(() => {
    worker.stdout?.on('data', (chunk: Buffer) => {
      if (underway !== undefined) tally.add(counted.logBytes, chunk.length);
    });
  });
}
