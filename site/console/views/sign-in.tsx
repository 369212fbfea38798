import { useEffect, useRef } from 'preact/hooks';
import { Problem } from '../parts/page.tsx';

/** Asks for a token. */
export function SignIn({ isRefused, onToken }: { isRefused: boolean; onToken: (token: string) => void }) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    document.title = 'Sign in · Supply Point Import';
    input.current?.focus();
  }, []);
  return (
    <form
      class="panel"
      onSubmit={(event) => {
        event.preventDefault();
        const token = input.current!.value.trim().replace(/^Token\s+/i, '');
        if (token !== '') onToken(token);
      }}
    >
      <h1>{isRefused ? 'Another token, please' : 'Supply Point Import'}</h1>
      {isRefused && (
        <Problem>
          The service no longer accepts this token: it has expired, was revoked, or is mistyped. Your place is
          kept.
        </Problem>
      )}
      <label for="token">Token</label>
      <input id="token" ref={input} type="password" autocomplete="off" spellcheck={false} required />
      <p class="quiet">It is kept in this tab until you close it. Administrators make tokens under Admin.</p>
      <button type="submit" class="primary">
        Sign in
      </button>
    </form>
  );
}
