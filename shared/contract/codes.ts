import lists from './code-lists.json' with { type: 'json' };

/** The name of one of the contract's code lists. */
export type ListName = keyof typeof lists;

/** The codes that a field takes: one of the contract's lists, or others that only the caller knows. */
export type Codes = { has(code: string): boolean; list?: ListName; only?: readonly Code[] };
export type Code = { code: string; name: string };

export const AUSTRALIA: Code = { code: 'AU', name: 'Australia' };

/** Returns the codes of one of the contract's lists. code-lists.json names the source of each list. */
export function codes(list: ListName): Codes {
  const all = new Set<string>(lists[list].codes.map(({ code }) => code));
  return { has: (code) => all.has(code), list };
}
