import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

/** A question before something that changes imports. Escape and "Not now" answer no. */
export function Confirm({
  title,
  action,
  onYes,
  onNo,
  children,
}: {
  title: string;
  action: string;
  onYes: () => void;
  onNo: () => void;
  children?: ComponentChildren;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} aria-labelledby="question" onClose={onNo}>
      <h2 id="question">{title}</h2>
      {children}
      <p class="buttons">
        <button type="button" class="primary" onClick={onYes}>
          {action}
        </button>
        <button type="button" onClick={onNo}>
          Not now
        </button>
      </p>
    </dialog>
  );
}
