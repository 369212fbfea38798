import { fieldPaths, isIgnoredPath } from '../../contract/ignored-fields.ts';
import { nearest } from '../../contract/nearest.ts';
import { UnreadableDrop } from './row.ts';

/** Thrown for a header with columns that the contract does not know: upstream would ignore them silently. */
export class UnknownColumns extends UnreadableDrop {
  override name = 'UnknownColumns';
  override readonly code = 'unknown_columns';
}

const COLUMNS_LISTED_MAX = 10;
const SUGGESTIONS_MAX = 2;

/** @param isRequest the columns are a request's: the payload's are under `payload`. @throws UnknownColumns naming them. */
export function requireKnownColumns(paths: readonly string[][], isRequest: boolean): void {
  const unknown = [...paths.entries()].filter(([, path]) => isUnknown(path));
  if (unknown.length === 0) return;
  const named = unknown.slice(0, COLUMNS_LISTED_MAX).map(([index, path]) => {
    const name = path.join('.');
    const meant = isPlain(name) ? suggestions(path, isRequest) : [];
    return `${isPlain(name) ? name : `column ${index + 1}`}${meant.length > 0 ? ` (${meant.join(' or ')}?)` : ''}`;
  });
  const others = unknown.length - named.length;
  const list = [...named, ...(others > 0 ? [`${others} more`] : [])].join(', ');
  throw new UnknownColumns(
    `No field is named by these columns: ${list}. Nothing was imported. To have them ignored, begin the file with the line # ignore-unknown-columns`,
  );
}

/** A column's path in the request. */
const inRequest = (path: readonly string[]): readonly string[] =>
  path[0] === 'payload' || path[0] === 'task_params' ? path : ['payload', ...path];

const isUnknown = (path: readonly string[]): boolean => isIgnoredPath(inRequest(path));

/** The columns that were probably meant, with the list indexes of the one that is there. */
function suggestions(path: readonly string[], isRequest: boolean): string[] {
  const isIndex = (step: string) => /^\d+$/.test(step);
  const written = path.map((step) => (isIndex(step) ? '*' : step)).join('.');
  const columnOf = (field: string) => (isRequest ? field : field.replace(/^payload\./, ''));
  // By the last name first: in a long path every field beside the one that was meant is near.
  const lastOf = (field: string): string => field.slice(field.lastIndexOf('.') + 1);
  const parentOf = (field: string): string => field.slice(0, field.lastIndexOf('.') + 1);
  const last = path.findLast((step) => !isIndex(step)) ?? '';
  const alike = nearest(last, fieldPaths().map(columnOf), (field) => [lastOf(field)], { most: Infinity });
  const siblings = alike.filter((field) => parentOf(field) === parentOf(written));
  const fields = nearest(written, siblings.length > 0 ? siblings : alike, (field) => [field], {
    most: SUGGESTIONS_MAX,
    likelyOnly: false,
  });
  return fields.map((field) => {
    const indexes = path.filter(isIndex);
    return field.replaceAll('*', () => indexes.shift() ?? '0');
  });
}

/**
 * Whether a column's name may be quoted: reports are read by more people than the data is, and what is in the header may be somebody's
 * cells where it is not what it should be.
 */
const isPlain = (name: string): boolean => /^[A-Za-z_]\w*(?:\.\w+)*$/.test(name) && name.length <= 100;

/** A column as messages begin with it: by its name or, where that may not be quoted, by its place. */
export const describeColumn = (name: string, index: number): string =>
  isPlain(name) ? `The column ${name}` : `Column ${index + 1} of the header`;

/** A path as messages name it. */
export const describePath = (path: readonly string[]): string => {
  const name = path.join('.');
  return isPlain(name) ? name : 'a field with an odd name';
};
