import { randomUUID } from 'node:crypto';
import { Worker } from 'node:worker_threads';

/** The thread's worker data. */
export type FunctionThreadData = { bundle: string; name: string; memoryMiB: number };
/** The message for an invocation: `event` is JSON, `deadline` is in epoch ms, `trace` is a trace header. */
export type Invocation = { requestId: string; event: string; deadline: number; trace: string };
/** The result of an invocation. A function error is a result, as in Lambda. */
export type InvocationResult = { result: unknown } | { error: { errorType: string; errorMessage: string } };

/** A worker thread of a function, which stands for Lambda's execution environment. */
export type FunctionInstance = {
  /** Runs the handler with an event (JSON) and a trace header, one at a time. Resolves with an error if the thread ends. */
  run(event: string, trace: string): Promise<InvocationResult>;
  /** Whether it can run another event: not after a timeout, an exit or a failed load. */
  isAlive(): boolean;
  /** Terminates the thread, also during an invocation. */
  end(): Promise<void>;
};

export type InstanceOptions = {
  data: FunctionThreadData;
  env: Record<string, string>;
  /** The folder of Node's compile cache, which spares each further thread half of its start. */
  compileCache: string;
  timeoutMs: number;
  /** Receives standard output and standard error in chunks. */
  write: (chunk: Buffer) => void;
};

/** Timeout for loading the bundle, which is not part of the function's timeout (source: Lambda, "Init phase": 10 seconds). */
const LOAD_TIMEOUT_MS = 10_000;
/** Node's stack size for a main thread, as in Lambda. A worker thread's default is four times as large. */
const STACK_MIB = 1;
/** Minimum heap size. The limit is only for memory leaks: Lambda's is close to the function's memory size. */
const HEAP_MIB_MIN = 128;
/** A third of Node's default. A larger young generation can exceed the limit at once and crash the process. */
const YOUNG_HEAP_MIB = 16;

/** Starts a thread, which loads the bundle at once. @param onEnd called after the thread has exited */
export function startInstance(
  { data, env, compileCache, timeoutMs, write }: InstanceOptions,
  onEnd: () => void,
): FunctionInstance {
  const worker = new Worker(new URL('./function-thread.ts', import.meta.url), {
    workerData: data,
    env: { ...env, NODE_COMPILE_CACHE: compileCache },
    stdout: true,
    stderr: true,
    resourceLimits: {
      maxOldGenerationSizeMb: Math.max(data.memoryMiB, HEAP_MIB_MIN),
      maxYoungGenerationSizeMb: YOUNG_HEAP_MIB,
      stackSizeMb: STACK_MIB,
    },
  });
  // Idle threads must not keep the process alive. A running invocation has a timer.
  worker.unref();
  const log = (text: string) => write(Buffer.from(`${text}\n`));
  worker.stdout.on('data', write);
  worker.stderr.on('data', write);

  /** The error of all invocations after the thread has failed. */
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

  /** Resolves with the thread's next message. Terminates the thread after `withinMs`. */
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

/** Resolves the wait for the load; the value is not used. */
const LOADED: InvocationResult = { result: null };

const failed = (errorType: string, errorMessage: string): InvocationResult => ({
  error: { errorType, errorMessage },
});
