import { type CliOption, COMMON_OPTIONS, type Command } from '../../cli/command.ts';
import { COMMANDS } from '../../cli/commands.ts';
import { MORE_COMMANDS } from '../../cli/more-commands.ts';
import { type Html, html } from '../html.ts';
import type { Page } from '../layout.ts';
import { inlineMarkdown } from '../markdown.ts';
import { codeBlock } from './guides.ts';

/** The commands of the command line, from its own table. */
export const COMMANDS_PAGE: Page = {
  path: 'commands/',
  title: 'Command line',
  description: 'The commands of supply-points: validate, import, drop, follow, compare and administer.',
  content:
    () => html`<p class="lead">${inlineMarkdown('`supply-points` checks, sends and follows files of supply points. In the repository it is `npx supply-points`.')}</p>
${codeBlock(`supply-points validate supply-points.csv
supply-points login --url https://…
supply-points import supply-points.csv
supply-points watch supply-points.csv`)}
<p>${inlineMarkdown('Output is tables on a terminal, and JSON lines in a pipe or with `--json`. Exit codes: 0, 1 failed, 2 wrong use, 3 some rows failed, 130 interrupted. Every command has these options:')}</p>
${optionList(COMMON_OPTIONS)}
${[...COMMANDS, ...MORE_COMMANDS].map(renderCommand)}`,
};

function renderCommand({ name, argument, summary, description, options }: Command): Html {
  const usage = `supply-points ${name}${argument === undefined ? '' : ` ${argument.name}`}`;
  return html`<h2 id="${name.replaceAll(' ', '-')}"><code>${name}</code></h2>
<p>${summary}</p>
${codeBlock(usage)}
${description?.split('\n').map((paragraph) => html`<p>${paragraph}</p>`)}
${Object.keys(options).length > 0 && optionList(options)}`;
}

const optionList = (options: Command['options']): Html =>
  html`<dl>${Object.entries(options).map(
    ([name, option]) => html`<dt><code>${headOf(name, option)}</code></dt><dd>${option.description}</dd>`,
  )}</dl>`;

const headOf = (name: string, { short, type, value = 'TEXT' }: CliOption): string =>
  `${short === undefined ? '' : `-${short}, `}--${name}${type === 'string' ? ` ${value}` : ''}`;
