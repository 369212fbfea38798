import { AsyncLocalStorage } from 'node:async_hooks';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

/** The ways in which an AWS call can fail. */
export const FAULTS = [
  /** AWS rejects the request and does nothing. */
  'rejected',
  /** AWS carries out the request, but its response never arrives. */
  'response lost',
  /** AWS carries out the request, its response is lost, and the SDK sends the request a second time. */
  'sent twice',
  /** AWS throttles the request and does nothing. */
  'throttled',
  /** AWS carries out the request, and the calling process crashes before it receives the response. */
  'crashed',
] as const;
export type FaultKind = (typeof FAULTS)[number];

/** A fault of the n-th AWS call (1-based) after {@link Calls.begin}. `of` counts only this function's calls. */
export type Fault = { call: number; kind: FaultKind; of?: string };

/**
 * Overrides every call: `fail` makes it fail; `skip` drops it and returns success, as a broken function would. An override may
 * also change the call's input.
 */
export type CallOverride = (
  command: string,
  // biome-ignore lint/suspicious/noExplicitAny: inputs of all commands
  input: any,
  // biome-ignore lint/suspicious/noConfusingVoidType: undefined lets the call through
) => 'fail' | 'skip' | void;

/** One invocation of a function. After it has crashed, it makes no further calls. */
type Run = {
  name: string;
  trace: string | undefined;
  isCrashed: boolean;
  crashed: Promise<void>;
  crash: () => void;
};

/** The error that the SDK would throw after its own retries. */
const failure = (name: string): Error => Object.assign(new Error(`A fault of the test: ${name}`), { name });

const never = (): Promise<never> => new Promise(() => {});

/** The outcome of a call. `crashed`: the invocation ended during the call. */
type Outcome = { response: unknown } | { error: unknown } | 'crashed';

/** Decides when a call is made, makes it, and returns its outcome. */
export type CallScheduler = (name: string, call: () => Promise<Outcome>) => Promise<Outcome>;

/**
 * Intercepts the SDK's calls: records them, and makes chosen ones fail. Everything else is real. Calls outside of
 * {@link Calls.run} go through unchanged.
 */
export class Calls {
  /** The calls since {@link begin}, each with its function: `worker UpdateCommand`, `sweeper QueryCommand due`, … */
  made: string[] = [];
  /** Orders the calls of concurrent invocations, and those of the test itself. */
  schedule: CallScheduler | undefined;
  #faults: Fault[] = [];
  #override: CallOverride | undefined;
  readonly #runs = new AsyncLocalStorage<Run>();
  readonly #originals: [{ send: unknown }, unknown][] = [];

  constructor() {
    for (const client of [DynamoDBDocumentClient, SQSClient, S3Client, EventBridgeClient]) {
      const prototype = client.prototype as unknown as { send: (...args: unknown[]) => Promise<unknown> };
      const { send } = prototype;
      this.#originals.push([prototype, send]);
      const through = this.#through.bind(this);
      prototype.send = function (this: unknown, ...args: unknown[]) {
        const command = args[0] as { constructor: { name: string }; input: unknown };
        return through(command, () => send.apply(this, args));
      };
    }
  }

  /** Clears the recorded calls, and sets the fault and the override for the next ones. */
  begin(fault?: Fault, override?: CallOverride): void {
    this.made = [];
    this.#faults = fault === undefined ? [] : [fault];
    this.#override = override;
  }

  /** Adds a fault of the n-th call from now on. */
  failNext({ call, ...fault }: Fault): void {
    this.#faults.push({ ...fault, call: this.#madeBy(fault.of) + call });
  }

  /** The number of calls by a function, or by all functions. */
  #madeBy(functionName: string | undefined): number {
    if (functionName === undefined) return this.made.length;
    return this.made.filter((name) => name.startsWith(`${functionName} `)).length;
  }

  /** Runs an invocation whose calls carry this trace header. Returns undefined if it crashed. */
  async run<T>(functionName: string, work: () => Promise<T>, trace?: string): Promise<T | undefined> {
    const run: Run = { name: functionName, trace, isCrashed: false, crashed: never(), crash: () => {} };
    run.crashed = new Promise((done) => {
      run.crash = () => {
        run.isCrashed = true;
        done();
      };
    });
    return this.#runs.run(run, () =>
      Promise.race([work(), run.crashed.then(() => undefined as T | undefined)]),
    );
  }

  restore(): void {
    for (const [prototype, send] of this.#originals) prototype.send = send;
  }

  async #through(
    command: { constructor: { name: string }; input: unknown },
    proceed: () => Promise<unknown>,
  ): Promise<unknown> {
    const run = this.#runs.getStore();
    if (run?.isCrashed) return never();
    const call = () => {
      // The SDK reads the trace header from this variable. Scheduled calls are made one at a time, so they do not mix.
      process.env['_X_AMZN_TRACE_ID'] = run?.trace ?? '';
      return run === undefined ? outcomeOf(proceed) : this.#call(run, command, proceed);
    };
    const schedule = this.schedule ?? ((_, made) => made());
    const outcome = await schedule(`${run?.name ?? 'test'} ${command.constructor.name}`, call);
    // An invocation that crashed during the call never receives the response.
    if (outcome === 'crashed' || run?.isCrashed) return never();
    if ('error' in outcome) throw outcome.error;
    return outcome.response;
  }

  async #call(
    run: Run,
    command: { constructor: { name: string }; input: unknown },
    proceed: () => Promise<unknown>,
  ): Promise<Outcome> {
    if (run.isCrashed) return 'crashed';
    const name = command.constructor.name;
    const overridden = this.#override?.(name, command.input);
    if (overridden === 'fail') return { error: failure('InternalServerError') };
    if (overridden === 'skip') return { response: { FailedEntryCount: 0 } };
    const index = (command.input as { IndexName?: string }).IndexName;
    this.made.push([run.name, name, ...(index === undefined ? [] : [index])].join(' '));
    const fault = this.#faults.find(
      ({ of, call }) => (of === undefined || of === run.name) && call === this.#madeBy(of),
    );
    switch (fault?.kind) {
      case undefined:
        return outcomeOf(proceed);
      case 'rejected':
        return { error: failure('InternalServerError') };
      case 'throttled':
        return { error: failure('ThrottlingException') };
      case 'response lost':
        await outcomeOf(proceed);
        return { error: failure('TimeoutError') };
      case 'sent twice':
        await outcomeOf(proceed);
        return outcomeOf(proceed);
      case 'crashed':
        await outcomeOf(proceed);
        run.crash();
        return 'crashed';
    }
  }
}

async function outcomeOf(proceed: () => Promise<unknown>): Promise<Outcome> {
  try {
    return { response: await proceed() };
  } catch (error) {
    return { error };
  }
}
