import {
  type DescribedError,
  type DescribedField,
  describedFields,
} from '../../shared/contract/described-fields.ts';
import { type Html, heading, html } from '../html.ts';
import type { Page } from '../layout.ts';
import { inlineMarkdown } from '../markdown.ts';

/** A field with the fields in it. */
type Node = { field: DescribedField; children: Node[] };

/** The fields of a request as a tree, with an address for each. */
export const FIELDS: Page = {
  path: 'fields/',
  title: 'Fields',
  description:
    'What each field of a request takes: limits, codes, examples, and the errors that it can give.',
  content: (
    root,
  ) => html`<p class="lead">What each field of a request takes. Unknown fields are ignored, and the response’s header <code>X-Ignored-Fields</code> lists them.</p>
<search hidden><label for="search">Search fields, limits and errors</label><input id="search" type="search" data-search=".field" autocomplete="off" spellcheck="false">
<p role="status" data-search-status></p></search>
${tree().map((node) => renderNode(node, 2, root))}`,
  side: () => html`<ul>${tree().map(sideLink)}</ul>`,
};

/** Returns the fields as two trees: `payload` and `task_params`. */
function tree(): readonly Node[] {
  const nodes = new Map<string, Node>();
  const top: Node[] = [];
  for (const field of describedFields()) {
    const node = { field, children: [] };
    nodes.set(field.path, node);
    const isTop = ['payload', 'task_params'].includes(field.path);
    const parent = field.path.includes('.') ? field.path.replace(/\.[^.]+$/, '') : 'payload';
    if (isTop) top.push(node);
    else nodes.get(parent)!.children.push(node);
  }
  return top;
}

const hasChildren = ({ children }: Node): boolean => children.length > 0;

/** A name that can be broken after its underscores. */
const breakable = (name: string): Html =>
  html`${name.split('_').map((part, index) => (index === 0 ? part : html`_<wbr>${part}`))}`;

const sideLink = ({ field, children }: Node): Html => {
  const below = children.filter(hasChildren);
  return html`<li><a href="#${field.path}">${breakable(field.name)}</a>${below.length > 0 && html`<ul>${below.map(sideLink)}</ul>`}</li>`;
};

/** An object or list with its fields: plain ones first, because the others are long. */
function renderNode({ field, children }: Node, level: number, root: string): Html {
  const { path } = field;
  return html`<section class="node" data-searched>
<div class="field" id="${path}">${heading(level, nameLink(field))}${renderFacts(field, root)}</div>
${children.filter((child) => !hasChildren(child)).map((child) => renderField(child.field, root))}
${children.filter(hasChildren).map((child) => renderNode(child, level + 1, root))}</section>
`;
}

/** The field's name behind its path, which leads to its address. */
const nameLink = ({ path, name }: DescribedField): Html => {
  const steps = path.split('.').slice(0, -1);
  return html`<a href="#${path}"><code>${steps.length > 0 && html`<span>${steps.map((step) => html`${step}.<wbr>`)}</span>`}${name}</code></a>`;
};

const renderField = (field: DescribedField, root: string): Html =>
  html`<div class="field" id="${field.path}"><p class="field-name">${nameLink(field)}</p>${renderFacts(field, root)}</div>
`;

function renderFacts(field: DescribedField, root: string): Html {
  const { type, required, nullable, description, source, errors } = field;
  const all = facts(field, root);
  return html`<p class="labels">${type}${nullable && ' or null'}${required && html` <span class="need">required</span>`}</p>
<p>${inlineMarkdown(description)}</p>
${all.length > 0 && html`<ul class="facts">${all.map((fact) => html`<li>${fact}</li>`)}</ul>`}
<details><summary>${errors.length === 1 ? '1 error' : `${errors.length} errors`}</summary><dl>${errors.map((error) => renderError(error, root))}</dl>
<p class="quiet">Source: ${source}.</p></details>`;
}

function facts(
  { limits, list, codes = [], default: fallback, example }: DescribedField,
  root: string,
): Html[] {
  const { min, max, pattern, mayBeBlank, itemsMin } = limits;
  const all = [
    max !== undefined && html`At most ${max} ${max === 1 ? 'character' : 'characters'}`,
    min !== undefined && html`At least ${min}`,
    itemsMin !== undefined && html`At least ${itemsMin} item`,
    pattern !== undefined && html`<span>Pattern</span> <code>${pattern}</code>`,
    mayBeBlank && html`May be blank`,
    list !== undefined &&
      html`<a href="${root}codes/#${list}">${codes.length === 1 ? 'Its code' : `Its ${codes.length} codes`}</a>`,
    list === undefined &&
      codes.length > 0 &&
      html`<span>Codes</span> ${codes.map(({ code }) => html`<code>${code}</code> `)}`,
    fallback !== undefined && html`<span>Default</span> <code>${JSON.stringify(fallback)}</code>`,
    example !== undefined && html`<span>Example</span> <code>${JSON.stringify(example)}</code>`,
  ];
  return all.filter((fact) => fact !== false && fact !== undefined);
}

const renderError = ({ code, message, remedy }: DescribedError, root: string): Html =>
  html`<dt><a href="${root}errors/#${code}">${message}</a></dt><dd>${inlineMarkdown(remedy)}</dd>`;
