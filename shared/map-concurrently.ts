/**
 * Calls an asynchronous function for each item, with at most `concurrencyMax` calls at a time, started in the items' order. Returns
 * the results in that order.
 *
 * @throws the error of the first call that fails; other calls that have started go on, and further ones may start
 */
export async function mapConcurrently<Item, Result>(
  items: readonly Item[],
  concurrencyMax: number,
  call: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results = new Array<Result>(items.length);
  let next = 0;
  const callRemaining = async (): Promise<void> => {
    while (next < items.length) {
      const index = next;
      next += 1;
      results[index] = await call(items[index]!);
    }
  };
  await Promise.all(Array.from({ length: concurrencyMax }, callRemaining));
  return results;
}
