import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import * as format from '../format.ts';

let isFirstView = true;

/** A view's title, which is also the window's. A screen reader reads it when the view was opened from another. */
export function Title({ children, of }: { children: string; of: string }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${children} · ${of} · Supply Point Import`;
  }, [children, of]);
  useEffect(() => {
    if (!isFirstView) heading.current?.focus();
    isFirstView = false;
  }, []);
  return (
    <h1 tabIndex={-1} ref={heading}>
      {children}
    </h1>
  );
}

/** What is shown before the first answer, or instead of one that was refused. */
export function Waiting({ error }: { error: string | undefined }) {
  return error === undefined ? <p role="status">Loading…</p> : <Problem>{error}</Problem>;
}

export function Problem({ children }: { children: ComponentChildren }) {
  return (
    <p class="problem" role="alert">
      {children}
    </p>
  );
}

/** A time of the API with its offset. */
export function Time({ at }: { at: string | null }) {
  return at === null ? <>–</> : <time dateTime={at}>{format.time(at)}</time>;
}

const GOOD = /^(PROCESSED|DRY_RUN_SUCCEEDED|ENDED)$/;
const BAD = /ERRORED|FAILED|REFUSED/;

/** A status or state, marked by its kind. */
export function Status({ name }: { name: string }) {
  const kind = GOOD.test(name) ? 'good' : BAD.test(name) ? 'bad' : 'open';
  return <span class={`status ${kind}`}>{name}</span>;
}

/** Pairs of a term and its value. */
export function Facts({ facts }: { facts: readonly (readonly [string, ComponentChildren])[] }) {
  return (
    <dl class="facts">
      {facts.map(([term, value]) => (
        <div key={term}>
          <dt>{term}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** A progress bar. `of` is undefined while the end is unknown. */
export function Progress({ done, of, label }: { done: number; of: number | undefined; label: string }) {
  return of === undefined ? (
    <progress aria-label={label} />
  ) : (
    <progress aria-label={label} max={Math.max(of, 1)} value={of === 0 ? 1 : done} />
  );
}
