import { useState } from 'preact/hooks';

/** The cursors of the pages up to the present one. */
type Cursors = readonly (string | undefined)[];

/** Returns the cursor of the present page, and a function that renders the buttons to the pages beside it. */
export function usePages(): {
  cursor: string | undefined;
  pager: (next: string | null) => preact.JSX.Element;
} {
  const [cursors, setCursors] = useState<Cursors>([undefined]);
  return {
    cursor: cursors.at(-1),
    pager: (next) => (
      <p class="buttons">
        {cursors.length > 1 && (
          <button type="button" onClick={() => setCursors(cursors.slice(0, -1))}>
            Page before
          </button>
        )}
        {next !== null && (
          <button type="button" onClick={() => setCursors([...cursors, next])}>
            Next page
          </button>
        )}
      </p>
    ),
  };
}
