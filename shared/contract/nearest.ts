/** How many suggestions are made for a wrong text at most. */
export const SUGGESTIONS_MAX = 3;

/** A longer text gets no suggestion: it is no mistyped name, and comparing costs its length times that of each candidate. */
const TEXT_LENGTH_MAX = 100;

/** A likely candidate differs in no more than this share of its characters. */
const LIKELY_DISTANCE_SHARE = 0.34;

/** A beginning of a name this long is taken for the name. */
const BEGINNING_LENGTH_MIN = 4;

type Options = {
  most?: number;
  /** Leaves out candidates that are too different to have been meant. False: the nearest are answered however far they are. */
  likelyOnly?: boolean;
};

/**
 * The candidates whose names are nearest to a text, the nearest first; equally near ones in their given order. A candidate may have
 * several names (a code and its words; a path and its last step), the nearest of which counts. Upper and lower case, spaces, `_` and
 * `-` make no difference, and the beginning of a name is as near as one wrong character. Empty for a text of more than 100 characters.
 */
export function nearest<T>(
  text: string,
  candidates: Iterable<T>,
  namesOf: (candidate: T) => readonly string[],
  { most = SUGGESTIONS_MAX, likelyOnly = true }: Options = {},
): T[] {
  if (text.length > TEXT_LENGTH_MAX) return [];
  const written = normalised(text);
  const ranked: { candidate: T; distance: number }[] = [];
  for (const candidate of candidates) {
    let best = Number.POSITIVE_INFINITY;
    for (const name of namesOf(candidate)) {
      const read = normalised(name);
      const isBeginning = written.length >= BEGINNING_LENGTH_MIN && read.startsWith(written);
      const distance = isBeginning && read !== written ? 1 : editDistance(written, read);
      const isLikely = distance <= Math.max(1, LIKELY_DISTANCE_SHARE * Math.max(written.length, read.length));
      // A name of one or two characters is one edit away from almost anything as short.
      const isShort = distance > 0 && Math.min(written.length, read.length) < 3;
      if (!likelyOnly || (isLikely && !isShort)) best = Math.min(best, distance);
    }
    if (best < Number.POSITIVE_INFINITY) ranked.push({ candidate, distance: best });
  }
  ranked.sort((one, other) => one.distance - other.distance);
  return ranked.slice(0, most).map(({ candidate }) => candidate);
}

const normalised = (text: string): string => text.toLowerCase().replaceAll(/[\s_-]/g, '');

/**
 * How many characters are to be inserted, deleted, replaced or swapped with their neighbour to make one text of the other
 * (the optimal string alignment distance). Time and memory: the product of the lengths.
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
