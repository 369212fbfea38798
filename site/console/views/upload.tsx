import { useEffect, useRef, useState } from 'preact/hooks';
import type { FileCheck } from '../check-file.ts';
import { bytes, count, number } from '../format.ts';
import { useConsole } from '../live.ts';
import { Problem, Progress } from '../parts/page.tsx';
import { Remedy } from '../parts/remedy.tsx';
import { goTo } from '../route.ts';
import { type Service, textOf } from '../service.ts';
import { uploadFile } from '../upload-file.ts';

type Step =
  | { kind: 'choose' }
  | { kind: 'checking'; file: File }
  | { kind: 'checked'; file: File; check: FileCheck }
  | { kind: 'uploading'; file: File; sent: number }
  | { kind: 'waiting'; file: File };

/** How long the service may take to notice an uploaded file; usually a second. */
const NOTICED_WITHIN_MS = 5 * 60_000;

/** A place for a file: its first rows are checked here, by the service's own rules, before anything is sent. Then it is uploaded and followed. */
export function Upload({
  supplier,
  known,
  onUploaded = () => {},
}: {
  supplier: string;
  known: readonly string[];
  onUploaded?: () => void;
}) {
  const { api, me } = useConsole();
  const [step, setStep] = useState<Step>({ kind: 'choose' });
  const [problem, setProblem] = useState<string>();
  const [isOver, setOver] = useState(false);
  const stopper = useRef(new AbortController());
  useEffect(() => () => stopper.current.abort(), []);

  const choose = async (file: File | undefined): Promise<void> => {
    if (file === undefined) return;
    setProblem(undefined);
    setStep({ kind: 'checking', file });
    try {
      // Loaded now, because only this needs the contract.
      const { checkFile } = await import('../check-file.ts');
      setStep({ kind: 'checked', file, check: await checkFile(file, supplier, me) });
    } catch (error) {
      setProblem(textOf(error));
      setStep({ kind: 'choose' });
    }
  };
  const upload = async (file: File): Promise<void> => {
    stopper.current = new AbortController();
    const { signal } = stopper.current;
    setStep({ kind: 'uploading', file, sent: 0 });
    try {
      const before = new Set([...known, ...(await newest(api, supplier)).map(({ drop }) => drop)]);
      await uploadFile(api, supplier, file, {
        signal,
        onProgress: (sent) => setStep({ kind: 'uploading', file, sent }),
      });
      setStep({ kind: 'waiting', file });
      onUploaded();
      const drop = await noticed(api, supplier, file.name, before, signal);
      if (signal.aborted) return;
      if (drop === undefined)
        setProblem(`${file.name} was uploaded, but the service has not begun to read it.`);
      else goTo([supplier, 'drops', drop]);
    } catch (error) {
      if (!signal.aborted) setProblem(textOf(error));
    }
    setStep({ kind: 'choose' });
  };

  return (
    <section
      class={`upload panel ${isOver ? 'over' : ''}`}
      aria-label="Drop a file"
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        if (step.kind === 'choose' || step.kind === 'checked') void choose(event.dataTransfer?.files[0]);
      }}
    >
      {problem && <Problem>{problem}</Problem>}
      {step.kind === 'choose' && (
        <>
          <label for={`file-${known.length}`}>
            Drop a file here, or choose one: NDJSON, JSON or CSV, also with gzip.
          </label>
          <input
            id={`file-${known.length}`}
            type="file"
            accept=".ndjson,.jsonl,.json,.csv,.tsv,.gz"
            onChange={(event) => choose(event.currentTarget.files?.[0])}
          />
        </>
      )}
      {step.kind === 'checking' && <p role="status">Checking the first rows of {step.file.name}…</p>}
      {step.kind === 'checked' && (
        <Checked {...step} onUpload={() => upload(step.file)} onBack={() => setStep({ kind: 'choose' })} />
      )}
      {step.kind === 'uploading' && (
        <>
          <p>
            Uploading {step.file.name}: {bytes(step.sent)} of {bytes(step.file.size)}
          </p>
          <Progress label="Uploaded" done={step.sent} of={step.file.size} />
          <p class="buttons">
            <button type="button" onClick={() => stopper.current.abort()}>
              Stop
            </button>
          </p>
        </>
      )}
      {step.kind === 'waiting' && (
        <p role="status">{step.file.name} was uploaded. The service begins to read it…</p>
      )}
    </section>
  );
}

function Checked({
  file,
  check: { rows, invalid, isWhole, refused, unreadable, errors },
  onUpload,
  onBack,
}: {
  file: File;
  check: FileCheck;
  onUpload: () => void;
  onBack: () => void;
}) {
  const isGood = refused === undefined && unreadable === undefined && invalid === 0;
  return (
    <div role="status">
      <p>
        <strong>{file.name}</strong>, {bytes(file.size)}: {isWhole ? 'it has ' : 'of the first '}
        {count(rows, 'row')},{' '}
        {invalid === 0 ? 'all are valid' : `${number(invalid)} ${invalid === 1 ? 'is' : 'are'} invalid`}.
        Nothing was sent yet.
      </p>
      {refused !== undefined && <Problem>{refused}</Problem>}
      {unreadable !== undefined && <Problem>It cannot be read to its end: {unreadable}</Problem>}
      {errors.length > 0 && (
        <ol class="errors">
          {errors.map(({ error, rows: times, lines, near }) => (
            <li key={error}>
              <strong>{error}</strong> <span class="quiet">{count(times, 'row')}</span>
              {near.map(({ sent, codes }) => (
                <div key={sent}>
                  {sent}: did you mean {codes.join(' or ')}?
                </div>
              ))}
              <div>
                <Remedy error={error} />
              </div>
              <div class="quiet">
                {lines.length === 1 ? 'Line' : 'Lines'} {lines.map(number).join('; ')}
                {times > lines.length && ' and others'}
              </div>
            </li>
          ))}
        </ol>
      )}
      <p class="buttons">
        {refused === undefined && (
          <button type="button" class={isGood ? 'primary' : ''} onClick={onUpload}>
            {isGood ? 'Upload and import' : 'Upload all the same'}
          </button>
        )}
        <button type="button" onClick={onBack}>
          Choose another file
        </button>
      </p>
    </div>
  );
}

const newest = async (api: Service, supplier: string) =>
  (await api.get('drops-list', { parameters: { supplier }, query: { page_size: 20 } })).results;

/** Returns the drop of an uploaded file once the service lists it. */
async function noticed(
  api: Service,
  supplier: string,
  name: string,
  before: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<string | undefined> {
  const until = performance.now() + NOTICED_WITHIN_MS;
  while (performance.now() < until && !signal.aborted) {
    const drops = await newest(api, supplier).catch(() => []);
    const found = drops.find((drop) => drop.name === name && !before.has(drop.drop));
    if (found !== undefined) return found.drop;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  return undefined;
}
