import { fieldPaths, isIgnoredPath } from '../../contract/ignored-fields.ts';
import { nearest } from '../../contract/nearest.ts';
import { UnreadableDrop } from './row.ts';

/** Thrown for a header with columns that are not in the contract. The upstream API would ignore them silently. */
export class UnknownColumns extends UnreadableDrop {
  override name = 'UnknownColumns';
  override readonly code = 'unknown_columns';
}

const COLUMNS_LISTED_MAX = 10;
const SUGGESTIONS_MAX = 2;

/** @param isRequest whether payload columns begin with `payload.`. @throws UnknownColumns with the unknown columns. */
export function requireKnownColumns(paths: readonly string[][], isRequest: boolean): void {
  const unknown = [...paths.entries()].filter(([, path]) => isUnknown(path));
  if (unknown.length === 0) return;
  const named = unknown.slice(0, COLUMNS_LISTED_MAX).map(([index, path]) => {
    const name = path.join('.');
    const meant = isQuotable(name) ? suggestions(path, isRequest) : [];
    return `${isQuotable(name) ? name : `column ${index + 1}`}${meant.length > 0 ? ` (${meant.join(' or ')}?)` : ''}`;
  });
  const others = unknown.length - named.length;
  const list = [...named, ...(others > 0 ? [`${others} more`] : [])].join(', ');
  throw new UnknownColumns(
    `No field is named by these columns: ${list}. Nothing was imported. To have them ignored, begin the file with the line # ignore-unknown-columns`,
  );
}

/** Returns a column's path in the request. */
const pathInRequest = (path: readonly string[]): readonly string[] =>
  path[0] === 'payload' || path[0] === 'task_params' ? path : ['payload', ...path];

const isUnknown = (path: readonly string[]): boolean => isIgnoredPath(pathInRequest(path));

/** Returns the columns that were probably meant, with the list indexes of the unknown column. */
function suggestions(path: readonly string[], isRequest: boolean): string[] {
  const isIndex = (step: string) => /^\d+$/.test(step);
  const written = path.map((step) => (isIndex(step) ? '*' : step)).join('.');
  const columnOf = (field: string) => (isRequest ? field : field.replace(/^payload\./, ''));
  // The last step is compared first, because all siblings in a long path are similar to the whole path.
  const lastStep = (field: string): string => field.slice(field.lastIndexOf('.') + 1);
  const parentOf = (field: string): string => field.slice(0, field.lastIndexOf('.') + 1);
  const last = path.findLast((step) => !isIndex(step)) ?? '';
  const alike = nearest(last, fieldPaths().map(columnOf), (field) => [lastStep(field)], { most: Infinity });
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
 * Returns whether a column's name may be quoted in a message. If the header is missing, the first line has personal data, and more people
 * have access to reports than to the data.
 */
const isQuotable = (name: string): boolean => /^[A-Za-z_]\w*(?:\.\w+)*$/.test(name) && name.length <= 100;

/** Describes a column at the beginning of a message: by its name, or by its position if the name must not be quoted. */
export const describeColumn = (name: string, index: number): string =>
  isQuotable(name) ? `The column ${name}` : `Column ${index + 1} of the header`;

/** Describes a path in a message. */
export const describePath = (path: readonly string[]): string => {
  const name = path.join('.');
  return isQuotable(name) ? name : 'a field with an odd name';
};
