import { eventDetail } from '../../shared/events/outcome-events.ts';
import { DETAIL_TYPES, EVENT_SOURCE, outcomeEventSchemas } from '../../shared/events/outcome-schemas.ts';
import { importError } from '../../shared/imports/model/import-errors.ts';
import { html } from '../html.ts';
import type { Page } from '../layout.ts';
import { documentText, renderMarkdown } from '../markdown.ts';

/** The pages that show documents of `docs/`. */
export const GUIDES: readonly Page[] = [
  {
    path: 'drops/',
    title: 'Drops',
    description: 'Import a file: formats, limits, progress and the report of failed rows.',
    content: (root) => renderMarkdown(documentText('drops.md'), root),
  },
  {
    path: 'scenarios/',
    title: 'Rehearse failures',
    description: 'Identifiers whose imports fail, take long or are refused, and how to write such rules.',
    content: (root) => renderMarkdown(documentText('scenarios.md'), root),
  },
  {
    path: 'environments/',
    title: 'Run an environment',
    description: 'Deploy, everyday tasks, and what to do at each alarm.',
    content: (root) => renderMarkdown(documentText('operations.md'), root),
  },
  {
    path: 'events/',
    title: 'Events',
    description: 'The events of imports that have ended, with examples and schemas.',
    content: (root) => html`${renderMarkdown(documentText('api.md', 'Events'), root)}
<h2 id="examples">Examples</h2>
<p>The event of an import that was processed, and of one that errored:</p>
${['PROCESSED', 'ERRORED'].map((status) => codeBlock(exampleEvent(status as 'PROCESSED' | 'ERRORED')))}
<h2 id="schemas">Schemas</h2>
${Object.entries(outcomeEventSchemas()).map(
  ([type, schema]) =>
    html`<details id="${type}"><summary><code>${type}</code></summary>${codeBlock(schema)}</details>`,
)}`,
  },
];

/** Shows a value as indented JSON. */
export const codeBlock = (value: unknown) =>
  html`<pre tabindex="0"><code>${typeof value === 'string' ? value : JSON.stringify(value, null, 2)}</code></pre>`;

/** Returns an event as EventBridge delivers it. */
function exampleEvent(status: 'PROCESSED' | 'ERRORED'): object {
  const endedAt = Date.UTC(2026, 0, 5, 9, 0, 2);
  const detail = eventDetail({
    key: { importSupplier: 'TEST_SUPPLIER', externalIdentifier: '4001248530' },
    attempt: 1,
    status,
    endedAt,
    ...(status === 'PROCESSED'
      ? { krakenIdentifier: '5ffa0a1e-63f8-539f-aeb6-30caaf639663' }
      : { error: importError.attemptsExhausted() }),
  });
  return {
    version: '0',
    id: '6f1e3a52-0f4e-4a5c-9d3b-0a9b5f7c2d10',
    'detail-type': DETAIL_TYPES[status],
    source: EVENT_SOURCE,
    account: '123456789012',
    time: new Date(endedAt).toISOString(),
    region: 'ap-southeast-2',
    resources: [],
    detail,
  };
}
