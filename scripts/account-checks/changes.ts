/** Thrown where a change is asked for after everything was restored, because the command was interrupted. */
export class Interrupted extends Error {
  override name = 'Interrupted';
}

type Change = { what: string; made: Promise<unknown>; undo: () => Promise<unknown> };
export type Changes = ReturnType<typeof changes>;

/** Changes that are made for a while, and undone in the reverse order: each when its check has ended, or all when the command ends. */
export function changes() {
  const open: Change[] = [];
  let isClosed = false;

  const undo = async (change: Change): Promise<void> => {
    if (!open.includes(change)) return;
    // A request that is under way could otherwise arrive after its undoing.
    await change.made.catch(() => {});
    if (!open.includes(change)) return;
    await change.undo();
    open.splice(open.indexOf(change), 1);
  };

  return {
    /**
     * Makes a change that `undo` takes back. What AWS has refused was not changed and is not undone; what failed in another way
     * may have been.
     *
     * @param what the change, for people
     * @returns what `make` answers, and a function that undoes the change, once
     * @throws Interrupted after {@link undoAll}
     */
    async make<T>(what: string, make: () => Promise<T>, undoing: () => Promise<unknown>) {
      if (isClosed) throw new Interrupted();
      const made = make();
      const change: Change = { what, made, undo: undoing };
      open.push(change);
      try {
        return { value: await made, undo: () => undo(change) };
      } catch (error) {
        if (isRefusal(error) && open.includes(change)) open.splice(open.indexOf(change), 1);
        throw error;
      }
    },

    /** Undoes what is open, and lets nothing more be made. Answers a line for each change that could not be undone. */
    async undoAll(): Promise<string[]> {
      isClosed = true;
      const failed: string[] = [];
      for (const change of [...open].reverse()) {
        try {
          await undo(change);
        } catch (error) {
          failed.push(`${change.what}: ${(error as Error).message.replaceAll('\n', ' ')}`);
        }
      }
      return failed;
    },
  };
}

function isRefusal(error: unknown): boolean {
  const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
  return status !== undefined && status >= 400 && status < 500;
}
