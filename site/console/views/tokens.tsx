import { useState } from 'preact/hooks';
import type { ResultOf } from '../../../shared/api/operation-types.ts';
import { useConsole, useLive } from '../live.ts';
import { Confirm } from '../parts/confirm.tsx';
import { Problem, Status, Time, Waiting } from '../parts/page.tsx';
import { usePages } from '../parts/pager.tsx';
import { textOf } from '../service.ts';

type Token = ResultOf<'tokens-list'>['results'][number];

/** The tokens: made, which shows their key once, and revoked. */
export function Tokens() {
  const { api, me } = useConsole();
  const { cursor, pager } = usePages();
  const { body, error, refresh } = useLive('tokens-list', { query: { cursor } });
  const [made, setMade] = useState<{ key: string; name: string }>();
  const [asking, setAsking] = useState<Token>();
  const [problem, setProblem] = useState<string>();
  if (body === undefined) return <Waiting error={error} />;
  const create = async (form: HTMLFormElement): Promise<void> => {
    const data = new FormData(form);
    const suppliers = data.getAll('suppliers').map(String);
    const expires = String(data.get('expires') ?? '');
    try {
      const { key, token } = await api.get('tokens-create', {
        body: {
          name: String(data.get('name')),
          role: String(data.get('role')) as Token['role'],
          ...(suppliers.length > 0 && { suppliers }),
          ...(expires !== '' && { expires_at: expires }),
        },
      });
      setMade({ key, name: token.name });
      setProblem(undefined);
      form.reset();
      refresh();
    } catch (reason) {
      setProblem(textOf(reason));
    }
  };
  const revoke = async ({ id }: Token): Promise<void> => {
    setAsking(undefined);
    try {
      await api.get('tokens-revoke', { parameters: { token: id }, body: {} });
      setProblem(undefined);
    } catch (reason) {
      setProblem(textOf(reason));
    }
    refresh();
  };
  return (
    <>
      {problem && <Problem>{problem}</Problem>}
      {made && (
        <div class="panel" role="status">
          <p>
            The token of {made.name}. It is shown only now: <code class="key">{made.key}</code>
          </p>
          <p class="buttons">
            <button type="button" onClick={() => navigator.clipboard.writeText(made.key)}>
              Copy
            </button>
            <button type="button" onClick={() => setMade(undefined)}>
              I have it
            </button>
          </p>
        </div>
      )}
      <div class="wide">
        <table>
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Role</th>
              <th scope="col">Suppliers</th>
              <th scope="col">State</th>
              <th scope="col">Expires</th>
              <th scope="col">Last used</th>
              <th scope="col">Change</th>
            </tr>
          </thead>
          <tbody>
            {body.results.map((token) => (
              <tr key={token.id}>
                <td>
                  {token.name} <code>{token.id}</code>
                </td>
                <td>{token.role}</td>
                <td>{token.suppliers.join(', ').replace('*', 'all')}</td>
                <td>
                  <Status name={token.state} />
                </td>
                <td>{token.expires_at === null ? 'never' : <Time at={token.expires_at} />}</td>
                <td>{token.last_used_on ?? '–'}</td>
                <td>
                  {token.state === 'valid' && !token.is_own && (
                    <button
                      type="button"
                      onClick={() => setAsking(token)}
                      aria-label={`Revoke the token of ${token.name}`}
                    >
                      Revoke
                    </button>
                  )}
                  {token.is_own && 'this one'}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {pager(body.next_cursor)}
      {asking && (
        <Confirm
          title={`Revoke the token of ${asking.name}?`}
          action="Revoke it"
          onYes={() => revoke(asking)}
          onNo={() => setAsking(undefined)}
        >
          <p>Whoever uses it is refused within minutes. This cannot be undone.</p>
        </Confirm>
      )}
      <h3>Make a token</h3>
      <form
        class="filter"
        onSubmit={(event) => {
          event.preventDefault();
          void create(event.currentTarget);
        }}
      >
        <p>
          <label for="token-name">Its holder’s name</label>
          <input id="token-name" name="name" required maxLength={128} />
        </p>
        <p>
          <label for="token-role">Role</label>
          <select id="token-role" name="role">
            <option>viewer</option>
            <option>importer</option>
            <option>operator</option>
          </select>
        </p>
        <p>
          <label for="token-suppliers">Suppliers (none: all, for operators)</label>
          <select id="token-suppliers" name="suppliers" multiple size={3}>
            {me.suppliers.map(({ code }) => (
              <option key={code}>{code}</option>
            ))}
          </select>
        </p>
        <p>
          <label for="token-expires">Expires (none: never)</label>
          <input id="token-expires" name="expires" type="date" />
        </p>
        <p>
          <button type="submit">Make it</button>
        </p>
      </form>
    </>
  );
}
