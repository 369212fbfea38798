import { type CataloguedError, errorCatalogue } from '../../shared/api/error-catalogue.ts';
import { describedFields } from '../../shared/contract/described-fields.ts';
import { type Html, html } from '../html.ts';
import type { Page } from '../layout.ts';
import { inlineMarkdown } from '../markdown.ts';
import { describedOperations } from '../operations.ts';

type Where = CataloguedError['where'];

/** The sections of the catalogue, in their order. */
const SECTIONS: Readonly<Record<Where, { title: string; text: Html }>> = {
  field: {
    title: 'Errors of fields',
    text: html`The body of a 400 has these messages under the names of the fields, and in lists under the index of the item. The name below a message is its rule’s, which the body does not have. <code>{…}</code> stands for what was sent.`,
  },
  response: {
    title: 'Errors of responses',
    text: html`The body has <code>detail</code> and <code>code</code>.`,
  },
  import: {
    title: 'Errors of imports',
    text: html`An import that ended ERRORED or DRY_RUN_ERRORED has one of these in <code>latest_error</code>. Scenarios can simulate others.`,
  },
};

/** The catalogue of errors. Each has an address. */
export const ERRORS: Page = {
  path: 'errors/',
  title: 'Errors',
  description: 'Each error: its message and code, where it comes from, and what to do.',
  content: (root) => html`<p class="lead">Each message and code, where it comes from, and what to do.</p>
<search hidden><label for="search">Search messages and codes, or paste a message</label><input id="search" type="search" data-search=".error" autocomplete="off" spellcheck="false">
<p role="status" data-search-status></p></search>
${(Object.keys(SECTIONS) as Where[]).map((where) => renderSection(where, root))}`,
};

const renderSection = (where: Where, root: string): Html =>
  html`<section data-searched><h2 id="${where}s">${SECTIONS[where].title}</h2>
<p>${SECTIONS[where].text}</p>
${errorCatalogue()
  .filter((error) => error.where === where)
  .map((error) => renderError(error, root))}</section>`;

const renderError = (
  error: CataloguedError,
  root: string,
): Html => html`<div class="error" id="${error.id}" data-pattern="${error.message}">
<p class="error-message"><a href="#${error.id}">${error.message}</a></p>
<p class="labels"><code>${error.code}</code>${error.where === 'response' && html` <span>HTTP ${error.status}</span>`}</p>
<p>${inlineMarkdown(error.remedy)}</p>
${origins(error, root)}</div>
`;

/** The fields or operations that an error comes from. */
function origins({ id, where, fields }: CataloguedError, root: string): Html | undefined {
  if (where === 'field') return fieldLinks(fields, root);
  const from = describedOperations().filter(({ errors }) => errors.some((error) => error.id === id));
  if (from.length === 0) return undefined;
  return html`<details><summary>From ${count(from.length, 'operation')}</summary><ul>${from.map(
    ({ name, summary }) => html`<li><a href="${root}operations/${name}/">${summary}</a></li>`,
  )}</ul></details>`;
}

const FIELD_COUNT = describedFields().length;

function fieldLinks(fields: readonly string[], root: string): Html | undefined {
  if (fields.length === 0) return undefined;
  const links = fields.map(
    (path) => html`<li><a href="${root}fields/#${path}"><code>${path}</code></a></li>`,
  );
  if (fields.length <= 3) return html`<ul class="facts">${links}</ul>`;
  // A list of most fields says nothing, and would be most of the page.
  if (fields.length > FIELD_COUNT / 4)
    return html`<p class="quiet">From ${fields.length} of ${FIELD_COUNT} <a href="${root}fields/">fields</a>.</p>`;
  return html`<details><summary>From ${count(fields.length, 'field')}</summary><ul>${links}</ul></details>`;
}

const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`;
