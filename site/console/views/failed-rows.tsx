import type { ResultOf } from '../../../shared/api/operation-types.ts';
import { number } from '../format.ts';
import { useConsole, useLive } from '../live.ts';
import { Errors } from '../parts/errors.tsx';
import { Problem } from '../parts/page.tsx';
import { usePages } from '../parts/pager.tsx';
import { permits } from '../permits.ts';
import { linkTo } from '../route.ts';
import { Upload } from './upload.tsx';

type Status_ = ResultOf<'drops-status'>;

const FAILED_PAGE = 50;

/** The file of rows to correct is written in the minute after a drop has ended. */
const hasJustEnded = ({ ended_at }: Status_): boolean =>
  ended_at !== null && Date.now() - Date.parse(ended_at) < 60_000;

/** A drop's failed rows in pages, their downloads, and the place to drop the corrected ones. */
export function FailedRows({ supplier, drop }: { supplier: string; drop: Status_ }) {
  const { me } = useConsole();
  const { cursor, pager } = usePages();
  // Asking again also renews the links, which expire.
  const { body, error: problem } = useLive(
    'drops-failed-rows',
    { parameters: { supplier, drop: drop.drop }, query: { page_size: FAILED_PAGE, cursor } },
    ({ results, downloads }) =>
      results.length > 0 && downloads.corrected_file === null && hasJustEnded(drop) && permits(me, 'operate'),
  );
  const { failed_rows: all, corrected_file: corrected } = body?.downloads ?? {
    failed_rows: null,
    corrected_file: null,
  };
  return (
    <>
      <h2 id="failed">Failed rows</h2>
      {problem && <Problem>{problem}</Problem>}
      {body !== undefined && body.results.length === 0 && (
        <p>{body.is_complete ? 'None.' : 'None so far.'}</p>
      )}
      {body !== undefined && body.results.length > 0 && (
        <>
          <p class="buttons">
            {all !== null && (
              <a class="button" href={all.url} download={all.name}>
                Download their reasons
              </a>
            )}
            {corrected !== null && (
              <a class="button" href={corrected.url} download={corrected.name}>
                Download the rows to correct
              </a>
            )}
          </p>
          <div class="wide">
            <table>
              <thead>
                <tr>
                  <th scope="col">Line</th>
                  <th scope="col">Identifier</th>
                  <th scope="col">Outcome</th>
                  <th scope="col">Errors</th>
                </tr>
              </thead>
              <tbody>
                {body.results.map((row) => (
                  <tr key={`${row.line} ${row.offset} ${row.identifier}`}>
                    <td>{row.line === null ? '–' : number(row.line)}</td>
                    <td>
                      {row.identifier !== undefined && /errored$/.test(row.outcome) ? (
                        <a href={linkTo([supplier, 'imports', row.identifier])}>{row.identifier}</a>
                      ) : (
                        row.identifier
                      )}
                    </td>
                    <td>{row.outcome.replaceAll('_', ' ')}</td>
                    <td>
                      <Errors errors={row.errors} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          {pager(body.next_cursor)}
        </>
      )}
      {corrected !== null && permits(me, 'import') && (
        <>
          <h3>Drop the corrected file</h3>
          <p>
            Correct the rows that you downloaded, and drop only them. In CSV, the column import_errors is
            ignored.
          </p>
          <Upload supplier={supplier} known={[]} />
        </>
      )}
    </>
  );
}
