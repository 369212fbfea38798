/** Largest number of suggestions for a text. */
export const SUGGESTIONS_MAX = 3;

/** A longer text gets no suggestion. It is not a mistyped name, and the cost of a comparison grows with its length. */
const TEXT_LENGTH_MAX = 100;

/** A likely candidate differs in at most this share of its characters. */
const LIKELY_DISTANCE_SHARE = 0.34;

/** Shortest prefix that matches a name. */
const PREFIX_LENGTH_MIN = 4;

type Options = {
  most?: number;
  /** Skips candidates that differ too much to be likely. When false, the nearest ones are returned however different they are. */
  likelyOnly?: boolean;
};

/**
 * Returns the candidates whose names are nearest to a text, nearest first, and equally near ones in their given order. A candidate may
 * have several names, such as a code and its description, of which the nearest is used. Case, spaces, `_` and `-` are ignored. A prefix of
 * a name has the distance 1. Returns none for a text of more than 100 characters.
 */
export function nearest<T>(
  text: string,
  candidates: Iterable<T>,
  namesOf: (candidate: T) => readonly string[],
  { most = SUGGESTIONS_MAX, likelyOnly = true }: Options = {},
): T[] {
  if (text.length > TEXT_LENGTH_MAX) return [];
  const wanted = normalised(text);
  const ranked: { candidate: T; distance: number }[] = [];
  for (const candidate of candidates) {
    let best = Number.POSITIVE_INFINITY;
    for (const name of namesOf(candidate)) {
      const known = normalised(name);
      const isPrefix = wanted.length >= PREFIX_LENGTH_MIN && known.startsWith(wanted);
      const distance = isPrefix && known !== wanted ? 1 : editDistance(wanted, known);
      const isLikely = distance <= Math.max(1, LIKELY_DISTANCE_SHARE * Math.max(wanted.length, known.length));
      // One edit turns a name of one or two characters into almost any other of that length.
      const isShort = distance > 0 && Math.min(wanted.length, known.length) < 3;
      if (!likelyOnly || (isLikely && !isShort)) best = Math.min(best, distance);
    }
    if (best < Number.POSITIVE_INFINITY) ranked.push({ candidate, distance: best });
  }
  ranked.sort((one, other) => one.distance - other.distance);
  return ranked.slice(0, most).map(({ candidate }) => candidate);
}

const normalised = (text: string): string => text.toLowerCase().replaceAll(/[\s_-]/g, '');

/**
 * Returns the optimal string alignment distance of two texts: the number of characters to insert, delete, replace or swap with their
 * neighbour. Time and memory are proportional to the product of the lengths.
 */
export function editDistance(one: string, other: string): number {
  const width = other.length + 1;
  const distances = new Uint16Array((one.length + 1) * width);
  for (let column = 0; column < width; column += 1) distances[column] = column;
  for (let row = 1; row <= one.length; row += 1) {
    distances[row * width] = row;
    for (let column = 1; column < width; column += 1) {
      const at = row * width + column;
      const isSame = one[row - 1] === other[column - 1];
      const replaced = distances[at - width - 1]! + (isSame ? 0 : 1);
      let least = Math.min(distances[at - width]! + 1, distances[at - 1]! + 1, replaced);
      const isSwapped =
        row > 1 && column > 1 && one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      if (isSwapped) least = Math.min(least, distances[at - 2 * width - 2]! + 1);
      distances[at] = least;
    }
  }
  return distances[one.length * width + other.length]!;
}
