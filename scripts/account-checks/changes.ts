/** Thrown when a check makes a change after an interruption has undone all changes. */
export class Interrupted extends Error {
  override name = 'Interrupted';
}

type Change = { description: string; made: Promise<unknown>; undo: () => Promise<unknown> };
export type Changes = ReturnType<typeof changes>;

/** Keeps temporary changes, to undo them: each when its check has ended, or all in reverse order when the command ends. */
export function changes() {
  const open: Change[] = [];
  let isClosed = false;

  const undo = async (change: Change): Promise<void> => {
    if (!open.includes(change)) return;
    // Waits for the change: a request in progress could otherwise take effect after it is undone.
    await change.made.catch(() => {});
    if (!open.includes(change)) return;
    await change.undo();
    open.splice(open.indexOf(change), 1);
  };

  return {
    /**
     * Makes a change. A change that AWS rejected (4xx) was not made and is not undone. After any other failure it may have been made, and
     * is undone.
     *
     * @param description the change, for the message if it cannot be undone
     * @returns the result of `make`, and a function that undoes the change once
     * @throws Interrupted after {@link undoAll}
     */
    async make<T>(description: string, make: () => Promise<T>, undoing: () => Promise<unknown>) {
      if (isClosed) throw new Interrupted();
      const made = make();
      const change: Change = { description, made, undo: undoing };
      open.push(change);
      try {
        return { value: await made, undo: () => undo(change) };
      } catch (error) {
        if (isRejection(error) && open.includes(change)) open.splice(open.indexOf(change), 1);
        throw error;
      }
    },

    /** Undoes all changes in reverse order, and prevents new ones. Returns a line for each change that could not be undone. */
    async undoAll(): Promise<string[]> {
      isClosed = true;
      const failed: string[] = [];
      for (const change of [...open].reverse()) {
        try {
          await undo(change);
        } catch (error) {
          failed.push(`${change.description}: ${(error as Error).message.replaceAll('\n', ' ')}`);
        }
      }
      return failed;
    },
  };
}

function isRejection(error: unknown): boolean {
  const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
  return status !== undefined && status >= 400 && status < 500;
}
