import type { ErrorGroup } from '../../shared/drops/reporting/error-groups.ts';
import { printable } from '../terminal.ts';

/** A group for people, in several lines. */
export function describeGroup({ error, rows, lines, file, remedy, near }: ErrorGroup): string {
  const where = `${lines.length === 1 ? 'line' : 'lines'} ${lines.join(', ')}${rows > lines.length ? ', …' : ''} of ${file}`;
  const misses = near.map(({ sent, codes }) => `${printable(sent)}: did you mean ${codes.join(' or ')}?`);
  return [
    `${String(rows).padStart(7)}  ${printable(error)}`,
    ...[...misses, remedy, where].filter((text) => text !== undefined).map((text) => `         ${text}`),
  ].join('\n');
}
