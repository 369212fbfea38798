import { type DescribedField, describedFields } from '../fields.ts';
import { type Html, heading, html } from '../html.ts';
import type { Page } from '../layout.ts';
import { headingId } from '../markdown.ts';

/** A field with the fields in it. `step` is its name. */
type Node = { step: string; id: string; field?: DescribedField; children: Node[] };

/** The fields of a request as a tree, with an address for each. */
export const FIELDS: Page = {
  path: 'fields/',
  title: 'Fields',
  description:
    'What each field of a request takes: limits, codes, examples, and the errors that it can give.',
  content: (
    root,
  ) => html`<p class="lead">What each field of a request takes. Unknown fields are ignored, and the header <code>X-Ignored-Fields</code> lists them.</p>
<search hidden><label for="search">Search fields, limits and errors</label><input id="search" type="search" data-search=".field" autocomplete="off" spellcheck="false">
<p role="status" data-search-status></p></search>
${tree().map((node) => renderNode(node, 2, root))}`,
  side: () => html`<ul>${tree().map(sideLink)}</ul>`,
};

/** Returns the address of a field on the page: its path without `payload` and without list indexes, such as `accounts.customers.mobile`. */
export const fieldId = (path: string): string => path.replace(/^payload\./, '').replaceAll('.*', '');

/** Returns the fields as trees: `import_supplier`, `supply_point`, `accounts` and `task_params`. */
function tree(): readonly Node[] {
  const top: Node = { step: '', id: '', children: [] };
  for (const field of describedFields()) {
    const id = fieldId(field.path);
    let node = top;
    for (const step of id.split('.')) {
      let child = node.children.find((one) => one.step === step);
      if (child === undefined) {
        child = { step, id: node.id === '' ? step : `${node.id}.${step}`, children: [] };
        node.children.push(child);
      }
      node = child;
    }
    node.field = field;
  }
  return top.children;
}

/** A name that can be broken after its underscores. */
const breakable = (name: string): Html =>
  html`${name.split('_').map((part, index) => (index === 0 ? part : html`_<wbr>${part}`))}`;

const hasChildren = ({ children }: Node): boolean => children.length > 0;

const sideLink = ({ step, id, children }: Node): Html => {
  const below = children.filter(hasChildren);
  return html`<li><a href="#${id}">${breakable(step)}</a>${below.length > 0 && html`<ul>${below.map(sideLink)}</ul>`}</li>`;
};

function renderNode(node: Node, level: number, root: string): Html {
  const { step, id, field, children } = node;
  if (!hasChildren(node)) return renderField(node, root);
  const leaves = children.filter((child) => !hasChildren(child));
  return html`<section class="node" data-searched id="${id}">
${heading(level, html`<a href="#${id}"><code class="path">${step}</code></a>${field && labels(field)}`)}
${field && renderFacts(field, root)}
${leaves.map((child) => renderField(child, root))}${children.filter(hasChildren).map((child) => renderNode(child, level + 1, root))}</section>
`;
}

function renderField({ step, id, field }: Node, root: string): Html {
  return html`<div class="field" id="${id}" data-search-text="${id}"><p class="field-name"><a href="#${id}"><code>${step}</code></a>${field && labels(field)}</p>${field && renderFacts(field, root)}</div>
`;
}

const labels = ({ type, required, nullable }: DescribedField): Html =>
  html`<span class="type">${type}${nullable && ' or null'}</span>${required && html`<span class="need">required</span>`}`;

function renderFacts(
  { description, limits, codes, example, source, errors }: DescribedField,
  root: string,
): Html {
  const facts = [
    ...limits.map((limit) => html`<li>${limit}</li>`),
    codes && html`<li><span>Codes</span> <a href="${root}codes/#${codes}">${codes}</a></li>`,
    example !== undefined && html`<li><span>Example</span> <code>${JSON.stringify(example)}</code></li>`,
    source && html`<li><span>Source</span> ${source}</li>`,
  ].filter(Boolean);
  return html`${description && html`<p>${description}</p>`}${facts.length > 0 && html`<ul class="facts">${facts}</ul>`}${
    errors.length > 0 &&
    html`<details><summary>${errors.length} ${errors.length === 1 ? 'error' : 'errors'}</summary><dl>${errors.map(
      ({ message, remedy }) =>
        html`<dt><a href="${root}errors/#${headingId(message)}">${message}</a></dt><dd>${remedy}</dd>`,
    )}</dl></details>`
  }`;
}
