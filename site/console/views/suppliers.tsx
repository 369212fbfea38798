import { useState } from 'preact/hooks';
import type { ResultOf } from '../../../shared/api/operation-types.ts';
import { duration, number } from '../format.ts';
import { useConsole, useLive } from '../live.ts';
import { Confirm } from '../parts/confirm.tsx';
import { Problem, Waiting } from '../parts/page.tsx';
import { textOf } from '../service.ts';

type Supplier = ResultOf<'suppliers-list'>['results'][number];

/** The import suppliers: registered, opened and closed. `onChange` is called after each change. */
export function Suppliers({ onChange }: { onChange: () => void }) {
  const { api } = useConsole();
  const { body, error, refresh } = useLive('suppliers-list', {});
  const [code, setCode] = useState('');
  const [asking, setAsking] = useState<Supplier>();
  const [problem, setProblem] = useState<string>();
  const [note, setNote] = useState<string>();
  if (body === undefined) return <Waiting error={error} />;
  const change = async (
    request: () => Promise<{ code: string; migration: string; effective_within_seconds: number }>,
  ): Promise<void> => {
    setAsking(undefined);
    try {
      const done = await request();
      setNote(
        `${done.code} is ${done.migration}, within ${duration(done.effective_within_seconds)} everywhere.`,
      );
      setProblem(undefined);
      refresh();
      onChange();
    } catch (reason) {
      setProblem(textOf(reason));
    }
  };
  const other = ({ migration }: Supplier) => (migration === 'open' ? ('closed' as const) : ('open' as const));
  return (
    <>
      {problem && <Problem>{problem}</Problem>}
      <p role="status">{note}</p>
      <div class="wide">
        <table>
          <thead>
            <tr>
              <th scope="col">Code</th>
              <th scope="col">Migration</th>
              <th scope="col">Scenarios</th>
              <th scope="col">Change</th>
            </tr>
          </thead>
          <tbody>
            {body.results.map((supplier) => (
              <tr key={supplier.code}>
                <td>{supplier.code}</td>
                <td>{supplier.migration}</td>
                <td>{number(supplier.scenarios)}</td>
                <td>
                  <button
                    type="button"
                    onClick={() => setAsking(supplier)}
                    aria-label={`${supplier.migration === 'open' ? 'Close' : 'Open'} ${supplier.code}`}
                  >
                    {supplier.migration === 'open' ? 'Close' : 'Open'}
                  </button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {asking && (
        <Confirm
          title={`${asking.migration === 'open' ? 'Close' : 'Open'} the migration of ${asking.code}?`}
          action={asking.migration === 'open' ? 'Close it' : 'Open it'}
          onYes={() =>
            change(() =>
              api.get('suppliers-change', {
                parameters: { supplier: asking.code },
                body: { migration: other(asking) },
              }),
            )
          }
          onNo={() => setAsking(undefined)}
        >
          {asking.migration === 'open' && (
            <p>Its imports will be refused, and those that wait end ERRORED.</p>
          )}
        </Confirm>
      )}
      <form
        class="filter"
        onSubmit={(event) => {
          event.preventDefault();
          void change(() => api.get('suppliers-add', { body: { code } })).then(() => setCode(''));
        }}
      >
        <p>
          <label for="new-supplier">New supplier’s code</label>
          <input
            id="new-supplier"
            value={code}
            required
            pattern="[A-Z0-9][A-Z0-9_\-]*"
            onInput={(event) => setCode(event.currentTarget.value)}
          />
        </p>
        <p>
          <button type="submit">Register</button>
        </p>
      </form>
    </>
  );
}
