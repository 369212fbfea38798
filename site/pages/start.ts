import { pathOf } from '../../shared/api/operations.ts';
import { html } from '../html.ts';
import type { Page } from '../layout.ts';
import { codeBlock } from './guides.ts';

/** The first page: what to do, for each of the three kinds of users. */
export const START: Page = {
  path: '',
  title: 'Supply Point Import',
  description:
    'A replica of the API with which electricity distributors move supply points onto the Kraken platform.',
  content: (
    root,
  ) => html`<p class="lead">A replica of the API with which electricity distributors move their supply points onto the Kraken platform. It gives the
responses of the real one, so that a migration can be rehearsed before it touches real data.</p>
<section aria-labelledby="api"><h2 id="api">Rehearse by the API</h2>
<ol class="steps">
<li>Get a token from an operator; a local host prints one when it starts. Save the <a href="${root}downloads/guide-example.json" download>guide’s example</a>.</li>
<li>Validate a request. The response is the normalised data, or each error by its field:
${codeBlock(`curl "$URL${pathOf('validate')}" \\
  -H "Authorization: Token $TOKEN" \\
  -H 'Content-Type: application/json' -d @guide-example.json`)}</li>
<li>Create the import. 201 means that it is scheduled:
${codeBlock(`curl "$URL${pathOf('create')}" \\
  -H "Authorization: Token $TOKEN" \\
  -H 'Content-Type: application/json' -d @guide-example.json`)}</li>
<li>Ask for its status until it has ended:
${codeBlock(`curl "$URL${pathOf('status', { supplier: 'TEST_SUPPLIER', identifier: '4001248530' })}" \\
  -H "Authorization: Token $TOKEN"`)}</li>
</ol>
<p class="next"><a href="${root}fields/">What each field takes</a> · <a href="${root}operations/">All operations</a> · <a href="${root}errors/">What an
error means</a> · <a href="${root}operations/#dry-runs-and-windows">Dry runs and
windows</a> · <a href="${root}scenarios/">Make an import fail on purpose</a></p></section>
<section aria-labelledby="file"><h2 id="file">Drop a file</h2>
<ol class="steps">
<li>Write a file with one supply point in a row: NDJSON, JSON or CSV. Start from the <a href="${root}downloads/template.csv" download>CSV template</a> or the
<a href="${root}downloads/example.ndjson" download>NDJSON example</a>.</li>
<li><a href="${root}operations/drops-create/">Upload it</a> with a token, or put it into the environment’s bucket, below <code>drops/</code> and the supplier’s code.</li>
<li><a href="${root}operations/drops-status/">Follow it</a>: rows by outcome, the rate, the time left and the most frequent errors.</li>
<li>Read the report: counts, the most frequent errors, and a line for each row that failed.</li>
</ol>
<p class="next"><a href="${root}drops/">Formats, limits and reports</a> · <a href="${root}codes/">Code lists</a></p></section>
<section aria-labelledby="environment"><h2 id="environment">Run an environment</h2>
<ol class="steps">
<li>Add the environment’s row: region, domain, limits, alarms.</li>
<li>Check what the account lacks: ${inlineCode('npm run preflight -- -c env=staging')}</li>
<li>Deploy it: ${inlineCode('npx cdk deploy -c env=staging')}</li>
</ol>
<p class="next"><a href="${root}environments/">The runbook, with a section for each alarm</a> · <a href="${root}events/">Events of ended imports</a></p></section>`,
};

function inlineCode(text: string) {
  return html`<code>${text}</code>`;
}
