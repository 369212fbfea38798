import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { ACCOUNT, REGION, type Resource, UnsupportedTemplate } from './template.ts';

/** What a function's threads are told once, and with each event. */
export type FunctionThreadData = { bundle: string; name: string; memoryMiB: number };
export type Invocation = { requestId: string; event: unknown; deadline: number };
export type InvocationResult = { result: unknown } | { error: { errorType: string; errorMessage: string } };

/** One of the template's functions, ready to be invoked. */
export type HostedFunction = {
  resource: Resource;
  /** Runs the handler in a thread that is free, or in a new one. A function error is a result, as in Lambda. */
  invoke(event: unknown): Promise<InvocationResult>;
  /** Has this many threads loaded before the first event. */
  warm(threads: number): void;
  /** Ends all its threads in the middle of whatever they do, as when a sandbox is lost. */
  kill(): Promise<void>;
};

/** Threads of one function at a time, unless the template reserves another concurrency: a laptop has few cores. */
const THREADS_MAX_DEFAULT = 4;

type Thread = { worker: Worker; end: (reason: InvocationResult) => void };

/**
 * Hosts a function: its bundle in worker threads, one event at a time each, with exactly the variables that the template
 * gives it, and those that Lambda sets. Nothing of this process's environment reaches it.
 *
 * @param endpoints AWS_ENDPOINT_URL_* variables of the emulators
 * @param write where its standard output goes, a chunk at a time
 */
export function hostFunction(
  resource: Resource,
  endpoints: Record<string, string>,
  write: (chunk: Buffer) => void,
): HostedFunction {
  const properties = resource.properties();
  if (resource.asset === undefined)
    throw new UnsupportedTemplate(`The function ${resource.logicalId} has no asset.`);
  const timeoutMs = Number(properties['Timeout'] ?? 3) * 1000;
  const threadsMax = Number(properties['ReservedConcurrentExecutions'] ?? THREADS_MAX_DEFAULT);
  const data: FunctionThreadData = {
    bundle: pathToFileURL(join(resource.asset, 'index.mjs')).href,
    name: resource.name,
    memoryMiB: Number(properties['MemorySize'] ?? 128),
  };
  const env = environmentOf(resource, properties, data, endpoints);
  const idle: Thread[] = [];
  const threads = new Set<Thread>();
  const waiting: (() => void)[] = [];

  const start = (): Thread => {
    const worker = new Worker(new URL('./function-thread.ts', import.meta.url), {
      workerData: data,
      env,
      stdout: true,
      stderr: true,
      // Lambda gives a function little more heap than its memory size; here only runaways are to be caught.
      resourceLimits: { maxOldGenerationSizeMb: Math.max(data.memoryMiB, 128) },
    });
    worker.stdout.on('data', write);
    worker.stderr.on('data', write);
    const thread: Thread = { worker, end: () => {} };
    const gone = (why: string) => {
      threads.delete(thread);
      const index = idle.indexOf(thread);
      if (index >= 0) idle.splice(index, 1);
      thread.end({ error: { errorType: 'Runtime.ExitError', errorMessage: why } });
      waiting.shift()?.();
    };
    worker.on('error', (error) => {
      write(Buffer.from(`${error instanceof Error ? error.stack : String(error)}\n`));
    });
    worker.on('exit', (code) => gone(`The thread ended with ${code}.`));
    threads.add(thread);
    return thread;
  };

  const acquire = async (): Promise<Thread> => {
    for (;;) {
      const thread = idle.pop();
      if (thread !== undefined) return thread;
      if (threads.size < threadsMax) return start();
      await new Promise<void>((free) => waiting.push(free));
    }
  };

  return {
    resource,
    async invoke(event) {
      const thread = await acquire();
      const requestId = randomUUID();
      const result = await new Promise<InvocationResult>((resolve) => {
        const timer = setTimeout(() => {
          thread.end = () => {};
          const errorMessage = `${requestId} Task timed out after ${timeoutMs / 1000} seconds`;
          write(Buffer.from(`${errorMessage}\n`));
          resolve({ error: { errorType: 'Sandbox.Timedout', errorMessage } });
          void thread.worker.terminate();
        }, timeoutMs);
        const settle = (value: InvocationResult) => {
          clearTimeout(timer);
          thread.worker.off('message', onMessage);
          thread.end = () => {};
          resolve(value);
        };
        const onMessage = (message: InvocationResult | 'ready') => {
          if (message === 'ready') return;
          idle.push(thread);
          settle(message);
          waiting.shift()?.();
        };
        thread.end = settle;
        thread.worker.on('message', onMessage);
        thread.worker.postMessage({
          requestId,
          event,
          deadline: Date.now() + timeoutMs,
        } satisfies Invocation);
      });
      return result;
    },
    warm(count) {
      while (threads.size < Math.min(count, threadsMax)) idle.push(start());
    },
    async kill() {
      await Promise.all([...threads].map(({ worker }) => worker.terminate()));
    },
  };
}

function environmentOf(
  resource: Resource,
  properties: Record<string, unknown>,
  { name, memoryMiB }: FunctionThreadData,
  endpoints: Record<string, string>,
): Record<string, string> {
  const { Variables = {} } = (properties['Environment'] ?? {}) as { Variables?: Record<string, string> };
  return {
    ...Variables,
    ...endpoints,
    AWS_REGION: REGION,
    AWS_DEFAULT_REGION: REGION,
    AWS_LAMBDA_FUNCTION_NAME: name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMiB),
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: 'local',
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    // The access key says who calls.
    AWS_ACCESS_KEY_ID: resource.id,
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_ACCOUNT_ID: ACCOUNT,
    // The laptop's own AWS configuration must not matter.
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_EC2_METADATA_DISABLED: 'true',
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
  };
}
