/** Counters by name. They only grow. */
export class Tally {
  readonly #amounts = new Map<string, number>();
  /** Number of calls of {@link add}. */
  #added = 0;

  add(name: string, amount = 1): void {
    this.#amounts.set(name, (this.#amounts.get(name) ?? 0) + amount);
    this.#added += 1;
  }

  /** Waits until nothing was added for `forMs` milliseconds. */
  async quiet(forMs: number): Promise<void> {
    for (let before = -1; before !== this.#added; ) {
      before = this.#added;
      await new Promise((done) => setTimeout(done, forMs));
    }
  }

  /** Runs work, waits until nothing was added for `quietMs` milliseconds, and returns the amounts added since the start. */
  async during(work: () => Promise<void>, quietMs: number): Promise<Amounts> {
    const before = new Map(this.#amounts);
    await work();
    await this.quiet(quietMs);
    const entries = [...this.#amounts].map(
      ([name, amount]) => [name, amount - (before.get(name) ?? 0)] as const,
    );
    return Object.fromEntries(entries.filter(([, amount]) => amount !== 0));
  }
}

/** Amounts by name. */
export type Amounts = Readonly<Record<string, number>>;

/** Names of the counters. The first word is the kind, the others the table, index or function. */
export const counted = {
  write: (table: string) => `write ${table}`,
  indexWrite: (table: string, index: string) => `write ${table} index ${index}`,
  read: (table: string) => `read ${table}`,
  milliseconds: (functionName: string) => `milliseconds ${functionName}`,
  invocation: (functionName: string) => `invocation ${functionName}`,
  /** An invocation with a batch of messages. */
  batch: (functionName: string) => `batch ${functionName}`,
  sqs: 'sqs',
  s3Write: 's3 write',
  s3Read: 's3 read',
  api: 'api',
  event: 'event',
  logBytes: 'log bytes',
  archivedBytes: 'archived bytes',
  /** Growth of a table, or of one of its indexes, in bytes. */
  stored: (table: string) => `stored table ${table}`,
  storedInIndex: (table: string, index: string) => `stored index ${table} ${index}`,
} as const;

/** Returns the sum of all amounts whose name starts with a prefix. */
export const sumOf = (amounts: Amounts, prefix: string): number =>
  Object.entries(amounts).reduce((sum, [name, amount]) => sum + (name.startsWith(prefix) ? amount : 0), 0);
