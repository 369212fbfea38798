import { useEffect, useState } from 'preact/hooks';
import type { ResultOf } from '../../../shared/api/operation-types.ts';
import type { ImportStatus } from '../../../shared/imports/model/import-process.ts';
import { type ImportFilter, matches } from '../import-filter.ts';
import { useConsole, useLive } from '../live.ts';
import { Problem, Status, Time, Waiting } from '../parts/page.tsx';
import { usePages } from '../parts/pager.tsx';
import { Remedy } from '../parts/remedy.tsx';
import { permits } from '../permits.ts';
import { linkTo } from '../route.ts';
import { textOf } from '../service.ts';

type ListedImport = ResultOf<'list'>['results'][number];

const PAGE = 50;
/** Pages that one search reads before it asks whether to go on. */
const PAGES_AT_ONCE = 20;

/** Pages of the list. The first one is live. */
export function Listed({ supplier, status }: { supplier: string; status: ImportStatus | undefined }) {
  const { cursor, pager } = usePages();
  const { body, error } = useLive(
    'list',
    { parameters: { supplier }, query: { status, page_size: PAGE, cursor } },
    ({ results }) => cursor === undefined && results.some((each) => isOpen(each)),
  );
  if (body === undefined) return <Waiting error={error} />;
  return (
    <>
      <Table supplier={supplier} imports={body.results} />
      {pager(body.next_cursor)}
    </>
  );
}

const isOpen = ({ status }: ListedImport): boolean => status === 'PENDING' || status === 'IN_PROGRESS';

/** Imports whose error has a code. The API filters by status only, so pages of errored imports are read and searched. */
export function Searched({
  supplier,
  filter,
  code,
}: {
  supplier: string;
  filter: ImportFilter;
  code: string;
}) {
  const { api } = useConsole();
  const statuses =
    filter.status === undefined ? (['ERRORED', 'DRY_RUN_ERRORED'] as const) : ([filter.status] as const);
  const [state, setState] = useState({
    found: [] as ListedImport[],
    read: 0,
    at: { status: 0, cursor: undefined as string | undefined },
    isDone: false,
  });
  const [problem, setProblem] = useState<string>();
  const [isReading, setReading] = useState(false);
  const search = async (): Promise<void> => {
    setReading(true);
    let { found, read, at, isDone } = state;
    const enough = found.length + PAGE;
    try {
      for (let page = 0; page < PAGES_AT_ONCE && !isDone && found.length < enough; page += 1) {
        const body = await api.get('list', {
          parameters: { supplier },
          query: { status: statuses[at.status], page_size: 100, cursor: at.cursor },
        });
        found = [...found, ...body.results.filter((each) => each.latest_error?.code === code)];
        read += body.results.length;
        if (body.next_cursor !== null) at = { ...at, cursor: body.next_cursor };
        else if (at.status + 1 < statuses.length) at = { status: at.status + 1, cursor: undefined };
        else isDone = true;
        setState({ found, read, at, isDone });
      }
      setProblem(undefined);
    } catch (error) {
      setProblem(textOf(error));
    }
    setReading(false);
  };
  useEffect(() => void search(), []);
  return (
    <>
      <p role="status">
        {state.found.length} found in {state.read} imports that were searched
        {state.isDone ? '.' : ', the latest first.'}
      </p>
      {problem && <Problem>{problem}</Problem>}
      <Table supplier={supplier} imports={state.found} />
      {!state.isDone && (
        <button type="button" disabled={isReading} onClick={search}>
          Search further
        </button>
      )}
    </>
  );
}

/** Failed imports of a drop: the API lists a drop's failed rows, and each import by its identifier. */
export function OfDrop({ supplier, filter, drop }: { supplier: string; filter: ImportFilter; drop: string }) {
  const { api } = useConsole();
  const { cursor, pager } = usePages();
  const [page, setPage] = useState<{ imports: ListedImport[]; next: string | null }>();
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    let isStopped = false;
    const read = async (): Promise<void> => {
      try {
        const rows = await api.get('drops-failed-rows', {
          parameters: { supplier, drop },
          query: { page_size: PAGE, cursor },
        });
        const identifiers = rows.results.flatMap(({ identifier, outcome }) =>
          identifier !== undefined && /errored$/.test(outcome) ? [identifier] : [],
        );
        const imports = await Promise.all(
          identifiers.map(async (identifier) => ({
            external_identifier: identifier,
            ...(await api.get('status', { parameters: { supplier, identifier } })),
          })),
        );
        if (!isStopped)
          setPage({ imports: imports.filter((each) => matches(each, filter)), next: rows.next_cursor });
      } catch (error) {
        if (!isStopped) setProblem(textOf(error));
      }
    };
    void read();
    return () => {
      isStopped = true;
    };
  }, [api, cursor]);
  if (page === undefined) return <Waiting error={problem} />;
  return (
    <>
      <p>
        Imports of the <a href={linkTo([supplier, 'drops', drop])}>drop</a> that failed. Its page has the rows
        that were not imported.
      </p>
      <Table supplier={supplier} imports={page.imports} />
      {pager(page.next)}
    </>
  );
}

function Table({ supplier, imports }: { supplier: string; imports: readonly ListedImport[] }) {
  const { me } = useConsole();
  if (imports.length === 0) return <p>No import is like this.</p>;
  return (
    <div class="wide">
      <table>
        <thead>
          <tr>
            <th scope="col">Identifier</th>
            <th scope="col">Status</th>
            <th scope="col">Changed</th>
            <th scope="col">Error</th>
          </tr>
        </thead>
        <tbody>
          {imports.map(({ external_identifier: identifier, status, modified_at, latest_error }) => (
            <tr key={identifier}>
              <td>
                <a href={linkTo([supplier, 'imports', identifier])}>{identifier}</a>
              </td>
              <td>
                <Status name={status} />
              </td>
              <td>
                <Time at={modified_at} />
              </td>
              <td>
                {latest_error && (
                  <>
                    <a href={linkTo([supplier, 'imports'], { status, code: latest_error.code })}>
                      <code>{latest_error.code}</code>
                    </a>{' '}
                    {latest_error.detail} {permits(me, 'operate') && <Remedy error={latest_error.code} />}
                  </>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
