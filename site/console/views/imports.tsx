import { useRef, useState } from 'preact/hooks';
import type { ImportStatus } from '../../../shared/imports/model/import-process.ts';
import type { ImportFilter } from '../import-filter.ts';
import { useConsole } from '../live.ts';
import { Problem, Title } from '../parts/page.tsx';
import { goTo } from '../route.ts';
import { Failure, textOf } from '../service.ts';
import { BulkActions } from './bulk.tsx';
import { Listed, OfDrop, Searched } from './import-lists.tsx';

/** As an object, so that a status that is added and not listed here does not compile. The model itself would bring valibot into the page. */
const STATUSES = Object.keys({
  PENDING: true,
  IN_PROGRESS: true,
  PROCESSED: true,
  ERRORED: true,
  DRY_RUN_SUCCEEDED: true,
  DRY_RUN_ERRORED: true,
  CANCELLED: true,
} satisfies Record<ImportStatus, true>) as ImportStatus[];

/** A supplier's imports, filtered by status, error code, drop and identifier. The filter is in the address. */
export function Imports({ supplier, query }: { supplier: string; query: URLSearchParams }) {
  const filter = {
    status: STATUSES.find((each) => each === query.get('status')),
    code: query.get('code') ?? undefined,
    drop: query.get('drop') ?? undefined,
  };
  const [problem, setProblem] = useState<string>();
  const { api } = useConsole();
  const find = async (identifier: string): Promise<void> => {
    try {
      await api.get('status', { parameters: { supplier, identifier } });
      goTo([supplier, 'imports', identifier]);
    } catch (error) {
      const isUnknown = error instanceof Failure && error.status === 404;
      setProblem(isUnknown ? `${supplier} has no import of ${identifier}.` : textOf(error));
    }
  };
  return (
    <>
      <Title of={supplier}>Imports</Title>
      <Filter supplier={supplier} filter={filter} onFind={find} />
      {problem && <Problem>{problem}</Problem>}
      <BulkActions key={JSON.stringify(filter)} supplier={supplier} filter={filter} />
      {filter.drop !== undefined ? (
        <OfDrop key={JSON.stringify(filter)} supplier={supplier} filter={filter} drop={filter.drop} />
      ) : filter.code !== undefined ? (
        <Searched key={JSON.stringify(filter)} supplier={supplier} filter={filter} code={filter.code} />
      ) : (
        <Listed key={filter.status ?? ''} supplier={supplier} status={filter.status} />
      )}
    </>
  );
}

function Filter({
  supplier,
  filter,
  onFind,
}: {
  supplier: string;
  filter: ImportFilter;
  onFind: (identifier: string) => void;
}) {
  const form = useRef<HTMLFormElement>(null);
  const apply = (event: Event): void => {
    event.preventDefault();
    const data = new FormData(form.current!);
    const field = (name: string): string => String(data.get(name) ?? '').trim();
    const identifier = field('identifier');
    if (identifier !== '') onFind(identifier);
    else goTo([supplier, 'imports'], { status: field('status'), code: field('code'), drop: field('drop') });
  };
  return (
    <form class="filter" ref={form} onSubmit={apply} key={JSON.stringify(filter)}>
      <p>
        <label for="status">Status</label>
        <select id="status" name="status" onChange={apply}>
          <option value="">any</option>
          {STATUSES.map((status) => (
            <option key={status} selected={status === filter.status}>
              {status}
            </option>
          ))}
        </select>
      </p>
      <p>
        <label for="code">Error code</label>
        <input id="code" name="code" defaultValue={filter.code ?? ''} spellcheck={false} />
      </p>
      <p>
        <label for="drop">Drop’s id</label>
        <input id="drop" name="drop" defaultValue={filter.drop ?? ''} spellcheck={false} />
      </p>
      <p>
        <label for="identifier">Identifier</label>
        <input id="identifier" name="identifier" spellcheck={false} />
      </p>
      <p>
        <button type="submit">Find</button>
      </p>
    </form>
  );
}
