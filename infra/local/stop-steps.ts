type Step = () => Promise<unknown> | unknown;

/** Steps that stop what was started, in reverse order. */
export class StopSteps {
  readonly #steps: Step[] = [];

  add(...steps: Step[]): void {
    this.#steps.push(...steps);
  }

  /** Runs each step once. */
  async run(): Promise<void> {
    for (const step of this.#steps.splice(0).reverse()) await step();
  }
}

/** Starts something in steps. If one fails, the earlier ones are stopped, and the error is thrown. */
export async function startInSteps<T>(start: (steps: StopSteps) => Promise<T>): Promise<T> {
  const steps = new StopSteps();
  try {
    return await start(steps);
  } catch (error) {
    await steps.run();
    throw error;
  }
}
