/** What was consumed, by name: amounts that are only ever added to. */
export class Tally {
  readonly #amounts = new Map<string, number>();
  /** Grows with everything that is added. */
  #added = 0;

  add(name: string, amount = 1): void {
    this.#amounts.set(name, (this.#amounts.get(name) ?? 0) + amount);
    this.#added += 1;
  }

  /** Waits until nothing was added for so long (ms). */
  async quiet(forMs: number): Promise<void> {
    for (let before = -1; before !== this.#added; ) {
      before = this.#added;
      await new Promise((done) => setTimeout(done, forMs));
    }
  }

  /** What work consumes, until all is quiet after it. */
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

/** Names of what is counted: the parts after the first say where. */
export const counted = {
  write: (table: string) => `write ${table}`,
  indexWrite: (table: string, index: string) => `write ${table} index ${index}`,
  read: (table: string) => `read ${table}`,
  milliseconds: (functionName: string) => `milliseconds ${functionName}`,
  invocation: (functionName: string) => `invocation ${functionName}`,
  /** An invocation for messages of a queue. */
  batch: (functionName: string) => `batch ${functionName}`,
  sqs: 'sqs',
  s3Write: 's3 write',
  s3Read: 's3 read',
  api: 'api',
  event: 'event',
  logBytes: 'log bytes',
  archivedBytes: 'archived bytes',
  /** Bytes that a table, or an index of it, has more than before. */
  stored: (table: string) => `stored table ${table}`,
  storedInIndex: (table: string, index: string) => `stored index ${table} ${index}`,
} as const;

/** The sum of all amounts whose name begins so. */
export const sumOf = (amounts: Amounts, first: string): number =>
  Object.entries(amounts).reduce((sum, [name, amount]) => sum + (name.startsWith(first) ? amount : 0), 0);
