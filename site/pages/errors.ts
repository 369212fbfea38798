import { API_ERRORS, type ApiError, type ApiErrorName } from '../../shared/api/errors.ts';
import { importError } from '../../shared/imports/model/import-errors.ts';
import type { ImportError } from '../../shared/imports/model/import-process.ts';
import { type Html, html } from '../html.ts';
import type { Page } from '../layout.ts';
import { describedOperations } from '../operations.ts';

/** The catalogue of errors. Each has an address: its code, with `latest_error.` before the codes of imports. */
export const ERRORS: Page = {
  path: 'errors/',
  title: 'Errors',
  description: 'Each error: its message and code, where it comes from, and what to do.',
  content: (root) => html`<p class="lead">Each message and code, where it comes from, and what to do.</p>
<search hidden><label for="search">Search messages and codes</label><input id="search" type="search" data-search=".error" autocomplete="off" spellcheck="false">
<p role="status" data-search-status></p></search>
<section data-searched><h2 id="responses">Errors of responses</h2>
<p>These have <code>detail</code> and <code>code</code>.</p>
${responseErrors().map((error) => renderResponseError(error, root))}</section>
<section data-searched><h2 id="imports">Errors of imports</h2>
<p>An import that ended ERRORED or DRY_RUN_ERRORED has one in <code>latest_error</code>.</p>
${importErrors().map(renderImportError)}</section>`,
};

type ResponseError = { code: string; statuses: number[]; details: string[]; names: ApiErrorName[] };

/** Returns the errors of responses by their codes. Several can have the same code. */
function responseErrors(): ResponseError[] {
  const errors = Object.entries(API_ERRORS) as [ApiErrorName, ApiError][];
  const byCode = Map.groupBy(errors, ([, { code }]) => code);
  return [...byCode].map(([code, all]) => ({
    code,
    statuses: [...new Set(all.map(([, { status }]) => status))],
    details: [...new Set(all.map(([, { detail }]) => detail))],
    names: all.map(([name]) => name),
  }));
}

function renderResponseError({ code, statuses, details }: ResponseError, root: string): Html {
  const from = describedOperations().filter(({ errors }) => errors.some((error) => error.code === code));
  return html`<div class="error" id="${code}"><p class="error-name"><a href="#${code}"><code>${code}</code></a> <span class="type">${statuses.join(' or ')}</span></p>
${details.map((detail) => html`<p>${detail}</p>`)}
${from.length > 0 && html`<p class="quiet">From ${from.map(({ name, summary }, index) => html`${index > 0 && ', '}<a href="${root}operations/${name}/">${summary}</a>`)}</p>`}</div>
`;
}

/** Returns the errors of imports, with placeholders for what they quote. */
const importErrors = (): ImportError[] => [
  importError.failedValidation(),
  importError.supplyPointAlreadyExists('{identifier}'),
  importError.scheduleWindowMissed(),
  importError.attemptsExhausted(),
  importError.migrationNotOngoing('{supplier}'),
];

const renderImportError = ({ code, detail, domain }: ImportError): Html =>
  html`<div class="error" id="latest_error.${code}"><p class="error-name"><a href="#latest_error.${code}"><code>${code}</code></a> <span class="type">${domain}</span></p><p>${detail}</p></div>
`;
