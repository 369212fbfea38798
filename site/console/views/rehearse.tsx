import { useEffect, useState } from 'preact/hooks';
import type { ResultOf } from '../../../shared/api/operation-types.ts';
import { useConsole, useLive } from '../live.ts';
import { Problem, Title, Waiting } from '../parts/page.tsx';
import { permits } from '../permits.ts';
import { linkTo } from '../route.ts';
import { Failure, textOf } from '../service.ts';
import { ExampleEditor, type Request, withIdentifier } from './example.tsx';

type Scenario = ResultOf<'scenarios-show'>['results'][number];

/** Rehearsing: the scenarios of the supplier in words, each with an import to try it, and the guide's example to edit and validate. */
export function Rehearse({ supplier }: { supplier: string }) {
  const { me } = useConsole();
  const scenarios = useLive('scenarios-show', { parameters: { supplier } });
  const [example, setExample] = useState<Request>();
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    fetch('../docs/downloads/guide-example.json')
      .then((response) => response.json())
      .then((request: Request) =>
        setExample({ ...request, payload: { ...request.payload, import_supplier: supplier } }),
      )
      .catch((error) => setProblem(textOf(error)));
  }, [supplier]);
  if (scenarios.body === undefined || example === undefined)
    return <Waiting error={scenarios.error ?? problem} />;
  const { allowed, results } = scenarios.body;
  return (
    <>
      <Title of={supplier}>Rehearse</Title>
      <h2>Scenarios</h2>
      {!allowed && <p>This environment allows no scenarios: every import is worked on as it is.</p>}
      {results.length === 0 ? (
        <p>
          There are none. <a href="../docs/scenarios/">How to set some</a>
        </p>
      ) : (
        <div class="wide">
          <table>
            <thead>
              <tr>
                <th scope="col">Identifiers</th>
                <th scope="col">Applies to</th>
                <th scope="col">What happens</th>
                <th scope="col">Try it</th>
              </tr>
            </thead>
            <tbody>
              {results.map((scenario) => (
                <tr key={`${scenario.identifiers} ${scenario.text}`}>
                  <td>
                    <code>{scenario.identifiers}</code>
                  </td>
                  <td>{scenario.applies_to.replaceAll('_', ' ')}</td>
                  <td>{scenario.text}</td>
                  <td>
                    {allowed && permits(me, 'import') && scenario.example !== null && (
                      <MakeOne supplier={supplier} scenario={scenario} example={example} />
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <h2>The guide’s example</h2>
      {permits(me, 'import') ? (
        <ExampleEditor key={supplier} supplier={supplier} example={example} />
      ) : (
        <p>A viewer’s token cannot validate.</p>
      )}
    </>
  );
}

const FILLED_MAX = 5;

/** Submits an import for which a scenario is used, with an identifier that was not imported yet. */
function MakeOne({
  supplier,
  scenario,
  example,
}: {
  supplier: string;
  scenario: Scenario;
  example: Request;
}) {
  const { api } = useConsole();
  const [made, setMade] = useState<{ identifier: string; isRefused?: string }>();
  const [problem, setProblem] = useState<string>();
  const make = async (): Promise<void> => {
    setProblem(undefined);
    for (const identifier of identifiersFor(scenario)) {
      try {
        const request = withIdentifier(example, identifier);
        const body = { ...request, task_params: { is_dry_run: scenario.applies_to === 'dry_runs' } };
        await api.get('create', { body: JSON.stringify(body) });
        setMade({ identifier });
        return;
      } catch (error) {
        if (error instanceof Failure && error.status === 400 && isTaken(error.body)) continue;
        if (
          error instanceof Failure &&
          scenario.applies_to === 'requests' &&
          (error.status === 429 || error.status === 503)
        ) {
          setMade({ identifier, isRefused: `Refused, as it should be: ${error.status} ${error.message}` });
          return;
        }
        setProblem(textOf(error));
        return;
      }
    }
    setProblem('Its identifiers are imported already.');
  };
  return (
    <>
      <button type="button" onClick={make} aria-label={`Make one: ${scenario.identifiers}, ${scenario.text}`}>
        Make one
      </button>
      <div role="status">
        {made &&
          (made.isRefused ?? <a href={linkTo([supplier, 'imports', made.identifier])}>{made.identifier}</a>)}
      </div>
      {problem && <Problem>{problem}</Problem>}
    </>
  );
}

/** Whether a refusal says that the identifier is imported already, or being imported. */
const isTaken = (body: unknown): boolean => {
  const { non_field_errors: error } = (body ?? {}) as { non_field_errors?: { code?: string } };
  return /already_imported|in_progress/.test(error?.code ?? '');
};

/** The scenario's example, and then identifiers with random digits for its placeholders. An earlier scenario may apply to these. */
function identifiersFor({ identifiers, example }: Scenario): string[] {
  const filled = Array.from({ length: identifiers.includes('?') ? FILLED_MAX : 0 }, () =>
    identifiers.replaceAll('?', () => String(Math.floor(Math.random() * 10))),
  );
  return [example!, ...filled];
}
