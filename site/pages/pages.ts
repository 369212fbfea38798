import { html } from '../html.ts';
import type { Page } from '../layout.ts';
import { CODES } from './codes.ts';
import { COMMANDS_PAGE } from './commands.ts';
import { ERRORS } from './errors.ts';
import { FIELDS } from './fields.ts';
import { GUIDES } from './guides.ts';
import { operationPages } from './operations.ts';
import { START } from './start.ts';

const NOT_FOUND: Page = {
  path: 'not-found/',
  title: 'No such page',
  description: 'There is no page at this address.',
  content: (root) =>
    html`<p>There is no page at this address. <a href="${root}">Start</a> lists what there is.</p>`,
};

/** All pages of the reference. */
export const pages = (): readonly Page[] => [
  START,
  ...operationPages(),
  FIELDS,
  CODES,
  ERRORS,
  ...GUIDES,
  COMMANDS_PAGE,
  NOT_FOUND,
];
