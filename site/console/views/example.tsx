import { useState } from 'preact/hooks';
import { useConsole } from '../live.ts';
import { flat } from '../parts/errors.tsx';
import { Problem } from '../parts/page.tsx';
import { Remedy } from '../parts/remedy.tsx';
import { linkTo } from '../route.ts';
import { Failure, textOf } from '../service.ts';

type Json = string | number | boolean | null | Json[] | { [name: string]: Json };
/** A request to validate or create, such as the guide's example. */
export type Request = { payload: { [name: string]: Json } };
type Path = readonly (string | number)[];

type Outcome =
  | { kind: 'valid'; text: string; identifier?: string }
  | { kind: 'invalid'; errors: readonly [string, string][] };

/** Returns the request with another identifier. */
export const withIdentifier = (request: Request, identifier: string): Request =>
  changed(request, ['payload', 'supply_point', 'identifier'], identifier) as Request;

/** A request as a form or as JSON, to validate and to import. Errors are beside the fields that they are about. */
export function ExampleEditor({ supplier, example }: { supplier: string; example: Request }) {
  const { api } = useConsole();
  const [request, setRequest] = useState<Request>(example);
  const [text, setText] = useState<string>();
  const [outcome, setOutcome] = useState<Outcome>();
  const [problem, setProblem] = useState<string>();
  const send = async (operation: 'validate' | 'create'): Promise<void> => {
    setProblem(undefined);
    setOutcome(undefined);
    try {
      await api.get(operation, { body: text ?? JSON.stringify(request) });
      const identifier = identifierOf(request);
      setOutcome(
        operation === 'validate'
          ? { kind: 'valid', text: 'It is valid. Nothing was stored.' }
          : { kind: 'valid', text: 'It is being imported: ', identifier },
      );
    } catch (error) {
      const isInvalid = error instanceof Failure && error.status === 400 && !isDetail(error.body);
      if (isInvalid) setOutcome({ kind: 'invalid', errors: flat(error.body) });
      else setProblem(textOf(error));
    }
  };
  const leaves = leavesOf(request.payload as Json, ['payload']);
  const errors = outcome?.kind === 'invalid' ? outcome.errors : [];
  const besideFields = new Set(text === undefined ? leaves.map(({ path }) => nameOf(path)) : []);
  const others = errors.filter(([path]) => !besideFields.has(path));
  return (
    <form
      class="example"
      onSubmit={(event) => {
        event.preventDefault();
        void send('validate');
      }}
    >
      <p class="buttons">
        <button type="submit" class="primary">
          Validate
        </button>
        <button type="button" onClick={() => send('create')}>
          Import
        </button>
        <button
          type="button"
          onClick={() => {
            if (text === undefined) setText(JSON.stringify(request, null, 2));
            else if (isRequest(text)) {
              setRequest(JSON.parse(text));
              setText(undefined);
            } else setProblem('This is not JSON of an object with a payload.');
          }}
        >
          {text === undefined ? 'Edit as JSON' : 'Edit as a form'}
        </button>
        <button
          type="button"
          onClick={() => {
            setRequest(example);
            setText(undefined);
            setOutcome(undefined);
          }}
        >
          Start again
        </button>
      </p>
      <div role="status">
        {outcome?.kind === 'valid' && (
          <p class="good">
            {outcome.text}
            {outcome.identifier !== undefined && (
              <a href={linkTo([supplier, 'imports', outcome.identifier])}>{outcome.identifier}</a>
            )}
          </p>
        )}
        {outcome?.kind === 'invalid' && (
          <p class="bad">{errors.length === 1 ? 'It has an error.' : `It has ${errors.length} errors.`}</p>
        )}
        {others.length > 0 && (
          <ul class="plain">
            {others.map(([path, message]) => (
              <li key={`${path} ${message}`}>
                <FieldError path={path} message={message} />
              </li>
            ))}
          </ul>
        )}
      </div>
      {problem && <Problem>{problem}</Problem>}
      {text !== undefined ? (
        <textarea
          aria-label="Request as JSON"
          rows={24}
          spellcheck={false}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      ) : (
        <div class="fields">
          {leaves.map(({ path, value }) => {
            const name = nameOf(path);
            const own = errors.filter(([field]) => field === name);
            return (
              <div key={name} class={`field ${own.length > 0 ? 'wrong' : ''}`}>
                <label for={name}>{name}</label>
                <input
                  id={name}
                  value={value === null ? '' : String(value)}
                  spellcheck={false}
                  aria-invalid={own.length > 0}
                  aria-describedby={own.length > 0 ? `${name}-error` : undefined}
                  onInput={(event) =>
                    setRequest(
                      changed(request, path, typedValue(event.currentTarget.value, value)) as Request,
                    )
                  }
                />
                {own.length > 0 && (
                  <div id={`${name}-error`} class="bad">
                    {own.map(([, message]) => (
                      <FieldError key={message} path="" message={message} />
                    ))}
                  </div>
                )}
              </div>
            );
          })}
        </div>
      )}
    </form>
  );
}

function FieldError({ path, message }: { path: string; message: string }) {
  return (
    <>
      {path !== '' && <code>{path}</code>} {message} <Remedy error={message} />
    </>
  );
}

const isDetail = (body: unknown): boolean =>
  typeof (body as { detail?: unknown } | undefined)?.detail === 'string';

function isRequest(text: string): boolean {
  try {
    const request: unknown = JSON.parse(text);
    return typeof (request as Request | null)?.payload === 'object' && (request as Request).payload !== null;
  } catch {
    return false;
  }
}

const identifierOf = ({ payload }: Request): string =>
  String((payload['supply_point'] as { identifier?: unknown } | undefined)?.identifier ?? '');

/** The API names fields without `payload`. */
const nameOf = ([, ...path]: Path): string => path.join('.');

/** The values of a request that are not objects or lists, with their paths. */
function leavesOf(value: Json, path: Path): { path: Path; value: string | number | boolean | null }[] {
  if (Array.isArray(value)) return value.flatMap((each, index) => leavesOf(each, [...path, index]));
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([name, each]) => leavesOf(each, [...path, name]));
  return [{ path, value }];
}

/** Returns a copy with another value at a path. */
function changed(value: unknown, [step, ...rest]: Path, to: Json): unknown {
  if (step === undefined) return to;
  if (Array.isArray(value))
    return value.map((each, index) => (index === step ? changed(each, rest, to) : each));
  const object = value as Record<string, unknown>;
  return { ...object, [step]: changed(object[step], rest, to) };
}

/** What was typed, as true or false where that was the value before. */
const typedValue = (text: string, before: Json): Json =>
  typeof before === 'boolean' && (text === 'true' || text === 'false') ? text === 'true' : text;
