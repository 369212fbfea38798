import { randomUUID } from 'node:crypto';
import { Worker } from 'node:worker_threads';

/** What a thread is told once, and with each event; `event` is JSON, `deadline` in epoch ms, `trace` a trace header. */
export type FunctionThreadData = { bundle: string; name: string; memoryMiB: number };
export type Invocation = { requestId: string; event: string; deadline: number; trace: string };
/** What comes of an event. A function error is a result, as in Lambda. */
export type InvocationResult = { result: unknown } | { error: { errorType: string; errorMessage: string } };

/** One thread of a function: Lambda's sandbox. */
export type FunctionInstance = {
  /** Has the handler run with an event (JSON) and a trace header, one at a time. Always answers, whatever becomes of the thread. */
  run(event: string, trace: string): Promise<InvocationResult>;
  /** Whether it can take another event: not after a time-out, an exit or a load that failed. */
  isAlive(): boolean;
  /** Ends it in the middle of whatever it does. */
  end(): Promise<void>;
};

export type InstanceOptions = {
  data: FunctionThreadData;
  env: Record<string, string>;
  timeoutMs: number;
  /** Where its output goes, a chunk at a time. */
  write: (chunk: Buffer) => void;
};

/** How long a bundle may take to load; it is not part of the function's time (source: Lambda, "Init phase": 10 seconds). */
const LOAD_TIMEOUT_MS = 10_000;
/** Node's own for a main thread, which is what a function has in Lambda; a thread would have four times as much. */
const STACK_MIB = 1;
/** Lambda gives a function little more heap than its memory size; here only runaways are to be caught. */
const HEAP_MIB_MIN = 128;
/** A third of what Node takes: what is young goes beyond the limit all at once, and from some size on takes the process with it. */
const YOUNG_HEAP_MIB = 16;

/** Starts a thread, which loads the bundle at once. @param onEnd called when it is gone. */
export function startInstance(
  { data, env, timeoutMs, write }: InstanceOptions,
  onEnd: () => void,
): FunctionInstance {
  const worker = new Worker(new URL('./function-thread.ts', import.meta.url), {
    workerData: data,
    env,
    stdout: true,
    stderr: true,
    resourceLimits: {
      maxOldGenerationSizeMb: Math.max(data.memoryMiB, HEAP_MIB_MIN),
      maxYoungGenerationSizeMb: YOUNG_HEAP_MIB,
      stackSizeMb: STACK_MIB,
    },
  });
  // What waits for an event must not keep the host from ending; what is at work has a timer.
  worker.unref();
  const log = (text: string) => write(Buffer.from(`${text}\n`));
  worker.stdout.on('data', write);
  worker.stderr.on('data', write);

  /** What is answered from now on, once it is known that there will be nothing else. */
  let failure: InvocationResult | undefined;
  let isLoaded = false;
  let settle: ((outcome: InvocationResult) => void) | undefined;
  const fail = (result: InvocationResult) => {
    failure ??= result;
    settle?.(failure);
  };
  const end = async () => {
    fail(failed('Runtime.ExitError', 'The thread was ended.'));
    await worker.terminate();
  };
  worker.on('message', (message: string) => {
    if (isLoaded) return settle?.(JSON.parse(message));
    isLoaded = true;
    if (message === 'ready') return settle?.(LOADED);
    fail(JSON.parse(message));
    void end();
  });
  worker.on('error', (thrown: Error & { code?: string }) => {
    log(thrown instanceof Error ? String(thrown.stack) : String(thrown));
    const type = thrown?.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'Runtime.OutOfMemory' : 'Runtime.ExitError';
    fail(failed(type, String(thrown?.message)));
  });
  worker.on('exit', (code) => {
    fail(failed('Runtime.ExitError', `The thread ended with ${code}.`));
    onEnd();
  });

  /** What the thread says next, within a time; it does not live longer than that. */
  const next = (withinMs: number, timedOut: string): Promise<InvocationResult> =>
    new Promise((resolve) => {
      const timer = setTimeout(() => {
        log(timedOut);
        fail(failed('Sandbox.Timedout', timedOut));
        void end();
      }, withinMs);
      settle = (outcome) => {
        clearTimeout(timer);
        settle = undefined;
        resolve(outcome);
      };
    });

  return {
    async run(event, trace) {
      const requestId = randomUUID();
      const timedOut = (ms: number) => `${requestId} Task timed out after ${ms / 1000} seconds`;
      if (!isLoaded && failure === undefined) await next(LOAD_TIMEOUT_MS, timedOut(LOAD_TIMEOUT_MS));
      if (failure !== undefined) return failure;
      const deadline = Date.now() + timeoutMs;
      worker.postMessage({ requestId, event, deadline, trace } satisfies Invocation);
      return next(timeoutMs, timedOut(timeoutMs));
    },
    isAlive: () => failure === undefined,
    end,
  };
}

/** Said to who waits for the load; its value is not looked at. */
const LOADED: InvocationResult = { result: null };

const failed = (errorType: string, errorMessage: string): InvocationResult => ({
  error: { errorType, errorMessage },
});
