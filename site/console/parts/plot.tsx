import type { ActivityBody } from '../../../shared/api/drop-schemas.ts';
import { clock, count, dayAndClock, number } from '../format.ts';

type Step = ActivityBody['results'][number];
type Series = 'processed' | 'errored' | 'cancelled' | 'rows';

const WIDTH = 720;
const HEIGHT = 160;
const BAR_WIDTH_MAX = 24;

const valuesOf = (step: Step): Record<Series, number> => ({
  processed: step.processed + step.dry_run_succeeded,
  errored: step.errored + step.dry_run_errored,
  cancelled: step.cancelled,
  rows: step.rows_read ?? 0,
});
const NAMES: Readonly<Record<Series, string>> = {
  processed: 'imports that succeeded',
  errored: 'imports that errored',
  cancelled: 'imports that were cancelled',
  rows: 'rows read',
};

/** Stacked bars of what happened in each step, and the same as a table. */
export function Plot({
  activity,
  series,
  title,
}: {
  activity: ActivityBody;
  series: readonly Series[];
  title: string;
}) {
  const { from, to, step_seconds: seconds, results } = activity;
  const start = Date.parse(from);
  const steps = Math.round((Date.parse(to) - start) / 1000 / seconds);
  const totals = results.map((step) => series.reduce((sum, name) => sum + valuesOf(step)[name], 0));
  const max = Math.max(1, ...totals);
  const sums = series.map(
    (name) => [name, results.reduce((sum, step) => sum + valuesOf(step)[name], 0)] as const,
  );
  const each = seconds < 3600 ? `${seconds / 60} min` : seconds < 86_400 ? `${seconds / 3600} h` : 'day';
  const width = WIDTH / steps;
  const barWidth = Math.min(width * 0.8, BAR_WIDTH_MAX);
  const at = steps * seconds > 86_400 ? dayAndClock : clock;
  const summary = `${title}: ${sums.map(([name, sum]) => `${number(sum)} ${NAMES[name]}`).join(', ')}`;
  return (
    <figure class="plot">
      <figcaption>
        <strong>{title}</strong>
        <span class="legend">
          {sums.map(([name, sum]) => (
            <span key={name}>
              <i class={name} /> {number(sum)} {NAMES[name]}
            </span>
          ))}
        </span>
      </figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={summary}>
        {results.map((step) => {
          const x = ((Date.parse(step.at) - start) / 1000 / seconds) * width;
          let top = HEIGHT;
          return series.map((name) => {
            const height = (valuesOf(step)[name] / max) * (HEIGHT - 4);
            top -= height;
            return height === 0 ? null : (
              <rect
                key={name}
                class={name}
                x={x + (width - barWidth) / 2}
                y={top}
                width={barWidth}
                height={height}
              >
                <title>{`${at(step.at)}: ${number(valuesOf(step)[name])} ${NAMES[name]}`}</title>
              </rect>
            );
          });
        })}
      </svg>
      <p class="axis quiet">
        <span>{at(from)}</span>
        <span>
          {results.length > 0
            ? `at most ${number(max)} in ${each}`
            : `nothing in ${count(steps, 'step')} of ${each}`}
        </span>
        <span>{at(to)}</span>
      </p>
      {results.length > 0 && (
        <details>
          <summary>As a table</summary>
          <div class="wide">
            <table>
              <thead>
                <tr>
                  <th scope="col">From</th>
                  {series.map((name) => (
                    <th key={name} scope="col">
                      {NAMES[name]}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {results.map((step) => (
                  <tr key={step.at}>
                    <th scope="row">{dayAndClock(step.at)}</th>
                    {series.map((name) => (
                      <td key={name}>{number(valuesOf(step)[name])}</td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </details>
      )}
    </figure>
  );
}
