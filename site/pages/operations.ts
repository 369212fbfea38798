import { isPermitted, Role } from '../../shared/suppliers/tokens.ts';
import type { BodyField } from '../body-fields.ts';
import { codeSample, LANGUAGES, type Language } from '../code-samples.ts';
import { type Html, html } from '../html.ts';
import type { Page } from '../layout.ts';
import { documentText, headingId, inlineMarkdown, renderMarkdown } from '../markdown.ts';
import { type DescribedOperation, describedOperations } from '../operations.ts';
import { codeBlock } from './guides.ts';

/** Operations in groups, each with its heading. The first whose test is true has an operation. */
const GROUPS: readonly (readonly [heading: string, has: (operation: DescribedOperation) => boolean])[] = [
  ['Drops', ({ path }) => path.includes('/drops/')],
  ['Rehearse', ({ path }) => path.includes('/scenarios/')],
  ['Administer', ({ access }) => access === 'administer'],
  ['Import', ({ access }) => access === 'import'],
  ['Follow', ({ access, path }) => access === 'read' && path.includes('{supplier}')],
  ['Operate', ({ access }) => access === 'operate'],
  ['Service', () => true],
];
/** The order in which the groups are shown. */
const SHOWN = ['Import', 'Follow', 'Operate', 'Drops', 'Rehearse', 'Administer', 'Service'];

type Group = { name: string; operations: DescribedOperation[] };

function groups(): Group[] {
  const operations = describedOperations();
  const groupOf = (operation: DescribedOperation) => GROUPS.find(([, has]) => has(operation))![0];
  return SHOWN.map((name) => ({
    name,
    operations: operations.filter((operation) => groupOf(operation) === name),
  })).filter((group) => group.operations.length > 0);
}

/** The list of operations and what holds for all of them, and a page for each. */
export const operationPages = (): Page[] => [
  {
    path: 'operations/',
    title: 'Operations',
    description: 'Each operation with its request, responses, errors and examples.',
    content: (
      root,
    ) => html`<p class="lead">Each operation has its request, responses, errors, examples in three languages, and a form to try it.</p>
${groups().map(renderGroup)}
${renderMarkdown(WHAT_ALL_SHARE, root)}`,
  },
  ...describedOperations().map(operationPage),
];

/** The smallest request that is valid. */
const SMALLEST_REQUEST = {
  payload: {
    import_supplier: 'TEST_SUPPLIER',
    supply_point: { identifier: '4001248530', supply_type: 'ELECTRICITY_DISTRIBUTION' },
  },
};

/** What holds for all operations: the document without its list of them and without events, which have a page. */
const WHAT_ALL_SHARE = documentText('api.md')
  .split(/^(?=## )/m)
  .filter((section) => section.startsWith('## ') && !section.startsWith('## Events'))
  .join('');

const methodLabel = (method: string): Html => html`<span class="method ${method}">${method}</span>`;

const renderGroup = ({ name, operations }: Group): Html =>
  html`<h2 id="group-${headingId(name)}">${name}</h2>
<ul class="operations">${operations.map(
    ({ name, method, path, summary }) =>
      html`<li><span>${methodLabel(method)}</span><div><a href="${name}/">${summary}</a><code>${path}</code></div></li>`,
  )}</ul>`;

function operationPage(operation: DescribedOperation): Page {
  const { name, method, path, summary, description } = operation;
  return {
    path: `operations/${name}/`,
    title: summary,
    description: `${method} ${path}`,
    above: (root) => html`<p class="above"><a href="${root}operations/">Operations</a></p>`,
    side: (root) => operationLinks(root, name),
    content: (root) => html`<p class="call">${methodLabel(method)} <code>${path}</code></p>
<div class="beside"><div>
<p>${inlineMarkdown(description)}</p>
<p class="quiet">${accessText(operation, root)}</p>
${parameterList(operation)}
${requestBody(operation, root)}
${operation.responses.map(
  ({ status, schema, example, fields }) => html`<h2 id="response-${status}">Response ${status}</h2>
${/Payload|Created/.test(schema) && html`<p><a href="${root}fields/">Fields</a> describes the supply point and its accounts.</p>`}
${fieldList(fields)}${example !== undefined && codeBlock(example)}`,
)}
${errors(operation, root)}
</div><div class="code-side">
<h2 id="examples">Example</h2>
${sample(operation)}
${tryForm(operation, root)}
</div></div>`,
  };
}

/** Whether an operation takes a supply point, whose fields have a page of their own. */
const takesSupplyPoint = ({ access, path }: DescribedOperation): boolean =>
  access === 'import' && !path.includes('/drops/');

function requestBody(operation: DescribedOperation, root: string): Html | undefined {
  const { request } = operation;
  if (request === undefined) return undefined;
  return html`<h2 id="request">Request</h2>
${takesSupplyPoint(operation) ? html`<p><a href="${root}fields/">Fields</a> says what each field takes.</p>` : fieldList(request.fields)}
${codeBlock(request.example)}`;
}

/** The fields of a body, folded when there are many. */
function fieldList(fields: readonly BodyField[]): Html | undefined {
  if (fields.length === 0) return undefined;
  const list = html`<dl class="parameters">${fields.map(
    ({ path, type, description }) =>
      html`<dt><code>${path}</code> <span class="type">${type}</span></dt><dd>${description && inlineMarkdown(description)}</dd>`,
  )}</dl>`;
  return fields.length <= 12
    ? list
    : html`<details><summary>${fields.length} fields</summary>${list}</details>`;
}

/** The links beside an operation: all operations in their groups. */
const operationLinks = (root: string, current: string): Html =>
  html`${groups().map(
    ({ name: group, operations }) =>
      html`<p>${group}</p><ul>${operations.map(
        ({ name, summary }) =>
          html`<li><a href="${root}operations/${name}/"${name === current && html` aria-current="page"`}>${summary}</a></li>`,
      )}</ul>`,
  )}`;

function accessText({ access }: DescribedOperation, root: string): Html {
  if (access === 'open') return html`Needs no token.`;
  const roles = Role.options.filter((role) => isPermitted({ role, hasEverySupplier: true }, access));
  const whose = access === 'administer' && ' of every supplier';
  return html`Needs a token. <a href="${root}operations/#roles">Role</a>: ${roles.join(', ')}${whose}.`;
}

function parameterList({ parameters }: DescribedOperation): Html | undefined {
  if (parameters.length === 0) return undefined;
  return html`<h2 id="parameters">Parameters</h2><dl class="parameters">${parameters.map(
    ({ name, in: place, description, constraints }) =>
      html`<dt><code>${name}</code> <span class="type">in the ${place}</span></dt><dd>${inlineMarkdown(description)} ${
        constraints.length > 0 && html`<span class="quiet">${constraints.join('. ')}.</span>`
      }</dd>`,
  )}</dl>`;
}

function errors({ errors }: DescribedOperation, root: string): Html | undefined {
  if (errors.length === 0) return undefined;
  return html`<h2 id="errors">Errors</h2><dl class="errors">${errors.map(
    ({ id, status, code, detail }) =>
      html`<dt>${status} <a href="${root}errors/#${id}"><code>${code}</code></a></dt><dd>${/^\{\w+\}$/.test(detail) ? 'A message about the fault.' : detail}</dd>`,
  )}</dl>`;
}

/** Returns an operation's path with its examples as parameters. */
const examplePath = ({ path, parameters }: DescribedOperation): string =>
  path.replace(/\{(\w+)\}/g, (_, name: string) =>
    String(parameters.find((one) => one.name === name)!.example),
  );

function sample(operation: DescribedOperation): Html {
  const { method, access, request } = operation;
  const sent = {
    method,
    path: examplePath(operation),
    hasToken: access !== 'open',
    ...(request !== undefined && { body: takesSupplyPoint(operation) ? SMALLEST_REQUEST : request.example }),
  };
  return html`<div class="sample"><fieldset><legend>Language of the example</legend>${Object.entries(
    LANGUAGES,
  ).map(
    ([value, name], index) =>
      html`<label><input type="radio" name="language" value="${value}"${index === 0 && html` checked`}> ${name}</label>`,
  )}</fieldset>${(Object.keys(LANGUAGES) as Language[]).map(
    (language) => html`<div data-language="${language}">${codeBlock(codeSample(language, sent))}</div>`,
  )}<p class="quiet"><code>URL</code> is the API’s address${access !== 'open' && html`, and <code>TOKEN</code> your token`}.</p></div>`;
}

/** The form that sends the request. It needs a script, which shows it. */
function tryForm({ method, path, parameters, access, request }: DescribedOperation, root: string): Html {
  const input = (id: string, label: string, attributes: Html) =>
    html`<label for="${id}">${label}</label><input id="${id}" autocomplete="off" spellcheck="false"${attributes}>`;
  return html`<form class="try" data-method="${method}" data-path="${path.slice(1)}" data-root="${root}../" hidden><h2 id="try-it">Try it</h2>
${access !== 'open' && html`${input('token', 'Token', html` type="password" data-token required`)}<p class="quiet">Stays in this tab until you close it.</p>`}
${parameters.map(({ name, in: place, example }) => input(`parameter-${name}`, name, html` data-${place}="${name}"${place === 'path' && html` required value="${example ?? ''}"`}`))}
${request !== undefined && html`<label for="body">Body</label><textarea id="body" data-body spellcheck="false">${JSON.stringify(request.example, null, 2)}</textarea>`}
<button class="primary">Send</button><div class="try-response" role="status"></div></form>`;
}
