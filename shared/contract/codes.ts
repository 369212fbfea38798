import lists from './code-lists.json' with { type: 'json' };

/** Returns the codes of one of the contract's lists. code-lists.json names the source of each list. */
export function codes(list: keyof typeof lists): ReadonlySet<string> {
  return new Set(lists[list].codes.map(({ code }) => code));
}
