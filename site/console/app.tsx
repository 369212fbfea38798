import type { ComponentChildren } from 'preact';
import { useCallback, useEffect, useMemo, useState } from 'preact/hooks';
import type { MeBody } from '../../shared/api/schemas.ts';
import { ConsoleContext, useConsole } from './live.ts';
import { goTo, linkTo, type Route, replaceRoute, useRoute } from './route.ts';
import { isOutage, type Service, service, textOf } from './service.ts';
import { forgetToken, keepToken, storedToken } from './session.ts';
import { Admin } from './views/admin.tsx';
import { DropView } from './views/drop.tsx';
import { Drops } from './views/drops.tsx';
import { ImportView } from './views/import.tsx';
import { Imports } from './views/imports.tsx';
import { Overview } from './views/overview.tsx';
import { Rehearse } from './views/rehearse.tsx';
import { SignIn } from './views/sign-in.tsx';

/** The console: asks for a token, and shows the view of the address. */
export function App() {
  const [token, setToken] = useState(storedToken);
  const [isRefused, setRefused] = useState(false);
  const [goneSince, setGoneSince] = useState<Date>();
  const [me, setMe] = useState<MeBody>();
  const [error, setError] = useState<string>();
  const [asked, setAsked] = useState(0);
  const setGone = useCallback((isGone: boolean) => {
    setGoneSince((since) => (isGone ? (since ?? new Date()) : undefined));
  }, []);
  const api: Service | undefined = useMemo(
    () => (token === undefined ? undefined : service(token, () => setRefused(true))),
    [token],
  );

  useEffect(() => {
    if (api === undefined) return;
    let timer: number | undefined;
    const ask = async (): Promise<void> => {
      try {
        setMe(await api.get('me'));
        setError(undefined);
        setGone(false);
      } catch (reason) {
        if (!isOutage(reason)) return setError(textOf(reason));
        setGone(true);
        timer = window.setTimeout(ask, 3000);
      }
    };
    void ask();
    return () => clearTimeout(timer);
  }, [api, asked]);

  const signIn = (given: string): void => {
    keepToken(given);
    setRefused(false);
    setError(undefined);
    setToken(given);
  };
  const signOut = (): void => {
    forgetToken();
    setToken(undefined);
    setMe(undefined);
    setRefused(false);
  };
  const needsToken = api === undefined || isRefused;
  const console_ = useMemo(() => api && me && { api, me, setGone }, [api, me]);
  return (
    <>
      {/* biome-ignore lint/a11y/useValidAnchor: it leads to the content; only the address must stay */}
      <a class="skip" href="#content" onClick={skipToContent}>
        Skip to the content
      </a>
      {goneSince && (
        <p class="banner" role="alert">
          The service has not answered since {goneSince.toLocaleTimeString('en-GB')}. What you see is from
          before; it goes on by itself.
        </p>
      )}
      {console_ === undefined ? (
        <main id="content" class="page" tabIndex={-1}>
          {needsToken ? (
            <SignIn isRefused={isRefused} onToken={signIn} />
          ) : (
            <p role="status">{error ?? 'Loading…'}</p>
          )}
        </main>
      ) : (
        <ConsoleContext.Provider value={console_}>
          <Frame onSignOut={signOut}>
            {needsToken && <SignIn isRefused={isRefused} onToken={signIn} />}
            <View reload={() => setAsked((times) => times + 1)} />
          </Frame>
        </ConsoleContext.Provider>
      )}
    </>
  );
}

/** The fragment is the view's address, so the link to the content must not change it. */
function skipToContent(event: Event): void {
  event.preventDefault();
  document.getElementById('content')?.focus();
}

const VIEWS = [
  ['overview', 'Overview'],
  ['drops', 'Drops'],
  ['imports', 'Imports'],
  ['rehearse', 'Rehearse'],
] as const;

/** The supplier of the address; without one the first whose migration is open. */
function supplierOf({ path }: Route, { suppliers }: MeBody): string | undefined {
  if (path[0] !== undefined && path[0] !== 'admin') return path[0];
  return (suppliers.find(({ migration }) => migration === 'open') ?? suppliers[0])?.code;
}

function Frame({ onSignOut, children }: { onSignOut: () => void; children: ComponentChildren }) {
  const { me } = useConsole();
  const route = useRoute();
  const supplier = supplierOf(route, me);
  const view = route.path[0] === 'admin' ? 'admin' : (route.path[1] ?? 'overview');
  const link = (name: string, title: string, path: string[]) => (
    <li>
      <a href={linkTo(path)} aria-current={view === name ? 'page' : undefined}>
        {title}
      </a>
    </li>
  );
  return (
    <>
      <header>
        <a class="brand" href="#/">
          Supply Point Import
        </a>
        <nav aria-label="Console">
          <ul>
            {supplier !== undefined && VIEWS.map(([name, title]) => link(name, title, [supplier, name]))}
            {me.is_administrator && link('admin', 'Admin', ['admin'])}
            <li>
              <a href="../docs/">Reference</a>
            </li>
          </ul>
        </nav>
        <div class="who">
          {me.suppliers.length > 1 && supplier !== undefined && view !== 'admin' && (
            <select
              aria-label="Supplier"
              value={supplier}
              onChange={(event) => goTo([event.currentTarget.value, view])}
            >
              {me.suppliers.map(({ code }) => (
                <option key={code}>{code}</option>
              ))}
            </select>
          )}
          <span class="quiet">
            {me.environment.name} · {me.token?.name ?? me.role}
          </span>
          <button type="button" onClick={onSignOut}>
            Sign out
          </button>
        </div>
      </header>
      <main id="content" class="page" tabIndex={-1}>
        {children}
      </main>
    </>
  );
}

function View({ reload }: { reload: () => void }) {
  const { me } = useConsole();
  const route = useRoute();
  const { path, query } = route;
  const [supplier = '', view = 'overview', id] = path;
  const first = supplierOf(route, me);
  useEffect(() => {
    if (path.length === 0 && first !== undefined) replaceRoute([first, 'overview']);
  }, [path.length, first]);
  if (supplier === 'admin') return me.is_administrator ? <Admin onChange={reload} /> : <NotFound />;
  if (first === undefined) return <p>This token is for no supplier. Ask an administrator for one.</p>;
  if (path.length === 0) return null;
  if (!me.suppliers.some(({ code }) => code === supplier)) return <NotFound />;
  // Another supplier, drop or import is another view, with a state of its own.
  const key = path.join('/');
  if (view === 'overview') return <Overview key={key} supplier={supplier} query={query} />;
  if (view === 'drops' && id === undefined) return <Drops key={key} supplier={supplier} />;
  if (view === 'drops') return <DropView key={key} supplier={supplier} drop={id!} />;
  if (view === 'imports' && id === undefined) return <Imports key={key} supplier={supplier} query={query} />;
  if (view === 'imports') return <ImportView key={key} supplier={supplier} identifier={id!} />;
  if (view === 'rehearse') return <Rehearse key={key} supplier={supplier} />;
  return <NotFound />;
}

function NotFound() {
  return (
    <>
      <h1>Not found</h1>
      <p>
        There is nothing at this address for your token. <a href="#/">To the overview</a>
      </p>
    </>
  );
}
