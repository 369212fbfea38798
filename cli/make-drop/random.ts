export type Random = ReturnType<typeof randomOf>;

/** A pseudorandom generator with a 32-bit seed. Source: mulberry32. */
export function randomOf(seed: number) {
  let state = seed | 0;

  /** From 0 to 1, exclusive. */
  const fraction = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const integer = (below: number): number => Math.floor(fraction() * below);

  return {
    fraction,
    integer,
    chance: (share: number): boolean => fraction() < share,
    pick: <T>(list: readonly T[]): T => list[integer(list.length)]!,
    digits: (length: number): string => String(integer(10 ** length)).padStart(length, '0'),
  };
}
