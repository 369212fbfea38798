import { AsyncLocalStorage } from 'node:async_hooks';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

/** What can go wrong with an AWS call. */
export const FAULTS = [
  /** AWS refused it: nothing happened. */
  'rejected',
  /** It happened, but its answer never came. */
  'answer lost',
  /** It happened, its answer was lost, and the SDK asked again by itself: that answer came. */
  'asked twice',
  /** AWS wanted fewer calls: nothing happened. */
  'throttled',
  /** It happened, and the process stopped right there. */
  'stopped',
] as const;
export type FaultKind = (typeof FAULTS)[number];

/** A fault of the n-th AWS call (1-based) that functions make after {@link Calls.begin}; `of`: that this function makes. */
export type Fault = { call: number; kind: FaultKind; of?: string };

/**
 * What becomes of a call whenever it is made: it fails; or it is not made, and the function believes that it was, as if it were
 * broken. It may also change what the call is to do.
 */
export type Always = (
  command: string,
  // biome-ignore lint/suspicious/noExplicitAny: inputs of all commands
  input: any,
  // biome-ignore lint/suspicious/noConfusingVoidType: nothing is an answer
) => 'fails' | 'is not made' | void;

/** A function's run: once it has stopped, whatever it still wanted to do never happens. */
type Run = {
  name: string;
  trace: string | undefined;
  isStopped: boolean;
  stopped: Promise<void>;
  stop: () => void;
};

/** Thrown into a run to say what the SDK would say after its own retries. */
const failure = (name: string): Error => Object.assign(new Error(`A fault of the test: ${name}`), { name });

const never = (): Promise<never> => new Promise(() => {});

/** What a call came to; `stopped`: its run ended with it, and never learns. */
type Outcome = { answer: unknown } | { error: unknown } | 'stopped';

/** Has a call made when its turn has come, and answers what it came to. */
export type Turn = (name: string, call: () => Promise<Outcome>) => Promise<Outcome>;

/**
 * Stands between the functions and the SDK's clients: counts the calls that they make, and makes one of them fail. Everything else
 * is real. Calls that are not made within {@link Calls.run} go through.
 */
export class Calls {
  /** What was called since {@link begin}, by which function: `worker UpdateCommand`, `sweeper QueryCommand due`, … */
  made: string[] = [];
  /** How runs that are under way at the same time take turns, call by call; so do calls of the test itself then. */
  turn: Turn | undefined;
  #faults: Fault[] = [];
  #always: Always | undefined;
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

  /** Forgets what was called, and has this fault happen from now on; `always`: what becomes of each call. */
  begin(fault?: Fault, always?: Always): void {
    this.made = [];
    this.#faults = fault === undefined ? [] : [fault];
    this.#always = always;
  }

  /** Has the n-th call from now on fail, too. */
  failNext({ call, ...fault }: Fault): void {
    this.#faults.push({ ...fault, call: this.#madeBy(fault.of) + call });
  }

  /** How many calls were made by a function, or by all. */
  #madeBy(functionName: string | undefined): number {
    if (functionName === undefined) return this.made.length;
    return this.made.filter((name) => name.startsWith(`${functionName} `)).length;
  }

  /** Runs a function, whose calls carry this trace header; undefined: it stopped. */
  async run<T>(functionName: string, work: () => Promise<T>, trace?: string): Promise<T | undefined> {
    const run: Run = { name: functionName, trace, isStopped: false, stopped: never(), stop: () => {} };
    run.stopped = new Promise((done) => {
      run.stop = () => {
        run.isStopped = true;
        done();
      };
    });
    return this.#runs.run(run, () =>
      Promise.race([work(), run.stopped.then(() => undefined as T | undefined)]),
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
    if (run?.isStopped) return never();
    const call = () => {
      // The SDK takes the header from here. Calls of runs that take turns are made one at a time.
      process.env['_X_AMZN_TRACE_ID'] = run?.trace ?? '';
      return run === undefined ? outcomeOf(proceed) : this.#call(run, command, proceed);
    };
    const turn = this.turn ?? ((_, made) => made());
    const outcome = await turn(`${run?.name ?? 'test'} ${command.constructor.name}`, call);
    // A run that stopped while a call was on its way never learns its answer.
    if (outcome === 'stopped' || run?.isStopped) return never();
    if ('error' in outcome) throw outcome.error;
    return outcome.answer;
  }

  async #call(
    run: Run,
    command: { constructor: { name: string }; input: unknown },
    proceed: () => Promise<unknown>,
  ): Promise<Outcome> {
    if (run.isStopped) return 'stopped';
    const name = command.constructor.name;
    const fate = this.#always?.(name, command.input);
    if (fate === 'fails') return { error: failure('InternalServerError') };
    if (fate === 'is not made') return { answer: { FailedEntryCount: 0 } };
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
      case 'answer lost':
        await outcomeOf(proceed);
        return { error: failure('TimeoutError') };
      case 'asked twice':
        await outcomeOf(proceed);
        return outcomeOf(proceed);
      case 'stopped':
        await outcomeOf(proceed);
        run.stop();
        return 'stopped';
    }
  }
}

async function outcomeOf(proceed: () => Promise<unknown>): Promise<Outcome> {
  try {
    return { answer: await proceed() };
  } catch (error) {
    return { error };
  }
}
