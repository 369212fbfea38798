import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type FunctionInstance, type InvocationResult, startInstance } from './function-instance.ts';
import { type Trace, traceOf } from './recursion.ts';
import { ACCOUNT, REGION, type Resource, UnsupportedTemplate } from './resource.ts';

export type { InvocationResult } from './function-instance.ts';

/** One of the template's functions, ready to be invoked. */
export type HostedFunction = {
  resource: Resource;
  /**
   * Runs the handler in an idle thread or in a new one. A function error is a result, as in Lambda.
   *
   * @param trace the trace of the chain of requests that the invocation belongs to. Default: a new chain
   */
  invoke(event: unknown, trace?: Trace): Promise<InvocationResult>;
  /**
   * Reserves concurrency, as Lambda's PutFunctionConcurrency does. Invocations beyond it are throttled. Undefined removes the limit:
   * invocations wait for a thread.
   */
  reserve(concurrency: number | undefined): void;
  /** Terminates all threads of the function, also during invocations, as in a crash of Lambda's execution environments. */
  kill(): Promise<void>;
};

/** Maximum of threads per function, unless the template reserves concurrency. Each thread loads and compiles the bundle. */
export const THREADS_MAX_DEFAULT = Math.min(Math.max(availableParallelism(), 2), 4);
/** Largest event (source: Lambda quotas, "Invocation payload": 6 MB). */
const EVENT_BYTES_MAX = 6 * 1024 * 1024;

/** The error of an invocation beyond the function's reserved concurrency (source: Lambda API reference, Invoke). */
const THROTTLED: InvocationResult = {
  error: { errorType: 'TooManyRequestsException', errorMessage: 'Rate Exceeded.' },
};

/** The error type of an invocation with an event above the maximum size. */
export const EVENT_TOO_LARGE = 'RequestTooLargeException';

/**
 * Hosts a function. Worker threads run its bundle, each with one event at a time. Its environment variables are those of the template and
 * those that Lambda sets, and none of this process.
 *
 * @param access AWS_ENDPOINT_URL_* variables of the emulators, and the function's credentials
 * @param write receives standard output and standard error in chunks
 * @throws UnsupportedTemplate for a function without an asset
 */
export function hostFunction(
  resource: Resource,
  access: Record<string, string>,
  write: (chunk: Buffer) => void,
): HostedFunction {
  const properties = resource.properties();
  if (resource.asset === undefined)
    throw new UnsupportedTemplate(`The function ${resource.logicalId} has no asset.`);
  const data = {
    bundle: pathToFileURL(join(resource.asset, 'index.mjs')).href,
    name: resource.name,
    memoryMiB: Number(properties['MemorySize'] ?? 128),
  };
  const compileCache = join(dirname(resource.asset), 'compile-cache');
  const env = environmentOf(resource, properties, data.memoryMiB, access);
  const timeoutMs = Number(properties['Timeout'] ?? 3) * 1000;
  const threadsMax = Number(properties['ReservedConcurrentExecutions'] ?? THREADS_MAX_DEFAULT);

  const instances = new Set<FunctionInstance>();
  const idle: FunctionInstance[] = [];
  const threads = semaphore(threadsMax);
  let running = 0;
  let reserved = Number.POSITIVE_INFINITY;
  const start = (): FunctionInstance => {
    const instance = startInstance({ data, env, compileCache, timeoutMs, write }, () =>
      instances.delete(instance),
    );
    instances.add(instance);
    return instance;
  };
  /** Returns the most recently used idle thread that is alive. */
  const takeIdle = (): FunctionInstance | undefined => {
    for (let instance = idle.pop(); instance !== undefined; instance = idle.pop()) {
      if (instance.isAlive()) return instance;
    }
    return undefined;
  };

  return {
    resource,
    async invoke(event, trace = traceOf(resource.name, undefined)) {
      const text = JSON.stringify(event ?? null);
      if (Buffer.byteLength(text) > EVENT_BYTES_MAX) {
        return {
          error: { errorType: EVENT_TOO_LARGE, errorMessage: 'Request must be smaller than 6291456 bytes' },
        };
      }
      if (running >= reserved) return THROTTLED;
      running += 1;
      await threads.acquire();
      const instance = takeIdle() ?? start();
      try {
        return await instance.run(text, trace.header);
      } finally {
        if (instance.isAlive()) idle.push(instance);
        threads.release();
        running -= 1;
      }
    },
    reserve(concurrency) {
      reserved = concurrency ?? Number.POSITIVE_INFINITY;
    },
    async kill() {
      await Promise.all([...instances].map((instance) => instance.end()));
    },
  };
}

/** A FIFO semaphore. */
function semaphore(permits: number) {
  let free = permits;
  const waiting: (() => void)[] = [];
  return {
    async acquire(): Promise<void> {
      if (free > 0) free -= 1;
      else await new Promise<void>((acquired) => waiting.push(acquired));
    },
    release(): void {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    },
  };
}

function environmentOf(
  resource: Resource,
  properties: Record<string, unknown>,
  memoryMiB: number,
  access: Record<string, string>,
): Record<string, string> {
  const { Variables = {} } = (properties['Environment'] ?? {}) as { Variables?: Record<string, string> };
  return {
    ...Variables,
    ...access,
    AWS_REGION: REGION,
    AWS_DEFAULT_REGION: REGION,
    AWS_LAMBDA_FUNCTION_NAME: resource.name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMiB),
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${resource.name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: 'local',
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_ACCOUNT_ID: ACCOUNT,
    // The function must not read the user's AWS configuration.
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_EC2_METADATA_DISABLED: 'true',
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
  };
}
