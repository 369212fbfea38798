/** Rows a second and dollars a million rows of each way to import. The source of each figure is in docs/measurements.md. */
const RATES = [
  { by: 'import', rowsPerSecond: 72, dollarsPerMillion: 11.64, source: 'npm run soak, npm run cost' },
  { by: 'drop', rowsPerSecond: 189, dollarsPerMillion: 7.36, source: 'npm run bench:drop, npm run cost' },
] as const;

/**
 * Estimates how long the import of rows takes, and what it costs in AWS, by the endpoint (`import`) and as a drop. The times are those of the local host on two cores: in AWS
 * the functions and the store have machines of their own.
 */
export function estimates(rows: number) {
  return RATES.map(({ by, rowsPerSecond, dollarsPerMillion, source }) => {
    const seconds = Math.ceil(rows / rowsPerSecond);
    const dollars = (rows * dollarsPerMillion) / 1e6;
    return {
      by,
      rows,
      seconds,
      takes: `${duration(seconds)} on the local host`,
      dollars: Number(dollars.toFixed(4)),
      costs: `$${dollars.toFixed(2)} in AWS`,
      source,
    };
  });
}

function duration(seconds: number): string {
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}
