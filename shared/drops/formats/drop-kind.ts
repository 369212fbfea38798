/** What kind of file a drop is: how its rows are written, and whether it is compressed. */
export type DropKind = { format: 'ndjson' | 'json' | 'csv'; gzip: boolean };

const FORMATS: Readonly<Record<string, DropKind['format']>> = {
  ndjson: 'ndjson',
  jsonl: 'ndjson',
  json: 'json',
  csv: 'csv',
  tsv: 'csv',
};

/** The kind that a key's ending says, in any case. Undefined: none that can be read. */
export function kindOf(key: string): DropKind | undefined {
  const [, ending, gz] = /\.([a-z]+)(\.gz)?$/i.exec(key) ?? [];
  const format = FORMATS[ending?.toLowerCase() ?? ''];
  return format === undefined ? undefined : { format, gzip: gz !== undefined };
}

/** Whether a file can be read from any byte on; the others are read as one stream. */
export const isRanged = ({ format, gzip }: DropKind): boolean => format === 'ndjson' && !gzip;
