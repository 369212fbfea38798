import lists from '../../shared/contract/code-lists.json' with { type: 'json' };
import { html } from '../html.ts';
import type { Page } from '../layout.ts';

/** The contract's code lists. */
export const CODES: Page = {
  path: 'codes/',
  title: 'Code lists',
  description: 'The codes that fields take, with their names.',
  content: () => html`<p class="lead">The codes that fields take. Upper and lower case matter.</p>
<search hidden><label for="search">Search codes and names</label> <input id="search" type="search" data-search=".code-row" autocomplete="off">
<p role="status" data-search-status></p></search>
<nav class="narrow" aria-label="Lists"><ul class="columns">${Object.keys(lists).map((name) => html`<li><a href="#${name}">${name}</a></li>`)}</ul></nav>
${Object.entries(lists).map(
  ([name, { source, codes }]) => html`<section data-searched><h2 id="${name}">${name}</h2>
<p class="source">${codes.length} ${codes.length === 1 ? 'code' : 'codes'}. Source: ${source}.</p>
<div class="wide" role="group" aria-label="${name}" tabindex="0"><table><thead><tr><th scope="col">Code</th><th scope="col">Name</th></tr></thead>
<tbody>${codes.map(({ code, name: label }) => html`<tr class="code-row"><td><code>${code}</code></td><td>${label}</td></tr>`)}</tbody></table></div></section>`,
)}`,
};
