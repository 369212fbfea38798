import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Worker } from 'node:worker_threads';
import type { Invocation } from '../../infra/local/function-instance.ts';
import { counted, type Tally } from './tally.ts';

/** Node tells here of each thread: the host's functions run in such. */
const CHANNEL = 'worker_threads';

/** Answers which function an event is for, undefined where it is no part of an import. */
export type FunctionOfEvent = (event: Record<string, unknown>) => string | undefined;

/**
 * Adds up the host's functions' invocations, how long each took (ms, as Lambda bills: each rounded up) and what they wrote
 * to their logs, until it is stopped. Start it before the host. What a thread takes to load is no part of it.
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
  // Its streams are there once its constructor, which tells of it, is done.
  queueMicrotask(() => {
    worker.stdout?.on('data', (chunk: Buffer) => {
      if (underway !== undefined) tally.add(counted.logBytes, chunk.length);
    });
  });
}
