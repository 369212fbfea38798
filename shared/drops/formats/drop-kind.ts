/** The kind of a dropped file: its format, and whether it is compressed. */
export type DropKind = { format: 'ndjson' | 'json' | 'csv'; gzip: boolean };

const FORMATS: Readonly<Record<string, DropKind['format']>> = {
  ndjson: 'ndjson',
  jsonl: 'ndjson',
  json: 'json',
  csv: 'csv',
  tsv: 'csv',
};

/** Returns the kind for the file extension of a key (case-insensitive); undefined if it is not supported. */
export function kindOf(key: string): DropKind | undefined {
  const [, ending, gz] = /\.([a-z]+)(\.gz)?$/i.exec(key) ?? [];
  const name = ending?.toLowerCase() ?? '';
  const format = Object.hasOwn(FORMATS, name) ? FORMATS[name] : undefined;
  return format === undefined ? undefined : { format, gzip: gz !== undefined };
}

/** Returns whether a file can be read in byte ranges. Other files are read as one stream. */
export const isRanged = ({ format, gzip }: DropKind): boolean => format === 'ndjson' && !gzip;
