import { useState } from 'preact/hooks';
import type { ResultOf } from '../../../shared/api/operation-types.ts';
import { useConsole } from '../live.ts';
import { flat } from '../parts/errors.tsx';
import { Problem } from '../parts/page.tsx';
import { textOf } from '../service.ts';

/** Fields that are no personal data: they are shown at once. */
const OPEN_FIELDS =
  /(^|\.)(identifier|supply_type|substation|critical_load|account_type|account_roles|import_supplier|attempt|created_at|kraken_identifier)(\.\d+)?$/;

/** What an import created. It is personal data: it is asked for on purpose, and masked until it is shown on purpose. */
export function Created({ supplier, identifier }: { supplier: string; identifier: string }) {
  const { api } = useConsole();
  const [body, setBody] = useState<ResultOf<'created'>>();
  const [isShown, setShown] = useState(false);
  const [problem, setProblem] = useState<string>();
  const load = async (): Promise<void> => {
    try {
      setBody(await api.get('created', { parameters: { supplier, identifier } }));
      setProblem(undefined);
    } catch (error) {
      setProblem(textOf(error));
    }
  };
  return (
    <>
      <h2>What was created</h2>
      {problem && <Problem>{problem}</Problem>}
      {body === undefined ? (
        <button type="button" onClick={load}>
          Show what was created
        </button>
      ) : (
        <>
          <button type="button" aria-pressed={isShown} onClick={() => setShown(!isShown)}>
            {isShown ? 'Mask personal data' : 'Show personal data'}
          </button>
          <div class="wide">
            <table>
              <tbody>
                {flat(body).map(([path, value]) => (
                  <tr key={path}>
                    <th scope="row">
                      <code>{path}</code>
                    </th>
                    <td>{isShown || value === 'null' || OPEN_FIELDS.test(path) ? value : '•••'}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </>
      )}
    </>
  );
}
