import { readFileSync } from 'node:fs';
import { Marked } from 'marked';
import { escapeHtml, Html } from './html.ts';

/** The pages that show a document of `docs/`, by the document's name. */
const PAGE_OF: Readonly<Record<string, string>> = {
  'api.md': 'operations/',
  'drops.md': 'drops/',
  'scenarios.md': 'scenarios/',
  'operations.md': 'environments/',
};

/** Returns the id of a heading, as GitHub makes it: links within documents work in both places. */
export const headingId = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

/**
 * Renders Markdown of this repository. Headings have ids, wide tables scroll, and links to documents that are pages lead to these pages. Links to
 * other files of the repository become plain text.
 *
 * @param root the relative address of `docs/` from the page
 */
export function renderMarkdown(markdown: string, root: string): Html {
  const marked = new Marked({
    renderer: {
      heading({ tokens, depth, text }) {
        return `<h${depth} id="${escapeHtml(headingId(text))}">${this.parser.parseInline(tokens)}</h${depth}>\n`;
      },
      link({ href, tokens }) {
        const content = this.parser.parseInline(tokens);
        const address = addressOf(href, root);
        return address === undefined ? content : `<a href="${escapeHtml(address)}">${content}</a>`;
      },
    },
  });
  const rendered = marked.parse(markdown, { async: false });
  // What scrolls must be reachable by keyboard (source: axe, "scrollable-region-focusable").
  return new Html(
    rendered
      .replaceAll('<table>', '<div class="wide" role="group" aria-label="Table" tabindex="0"><table>')
      .replaceAll('</table>', '</table></div>')
      // A column without a heading, such as that of the rows' names (source: axe, "empty-table-header").
      .replaceAll('<th></th>', '<td></td>')
      .replaceAll('<pre>', '<pre tabindex="0">'),
  );
}

/** Renders a line of Markdown with code and emphasis only. */
export const inlineMarkdown = (line: string): Html => new Html(String(WITHOUT_LINKS.parseInline(line)));
// GitHub's flavour makes links of addresses, such as name@example.com in an example.
const WITHOUT_LINKS = new Marked({ gfm: false });

function addressOf(href: string, root: string): string | undefined {
  if (/^(https:|#)/.test(href)) return href;
  const [file = '', anchor] = href.split('#');
  const page = PAGE_OF[file];
  if (page === undefined) return undefined;
  return root + page + (anchor === undefined ? '' : `#${anchor}`);
}

/** Returns a document of `docs/` without its title, or only one of its sections without the section's heading. */
export function documentText(name: string, section?: string): string {
  const text = readFileSync(new URL(`../docs/${name}`, import.meta.url), 'utf8').replace(/^# .*\n+/, '');
  if (section === undefined) return text;
  const found = text.split(/^## /m).find((part) => part.startsWith(`${section}\n`));
  if (found === undefined) throw new Error(`docs/${name} has no section "${section}".`);
  return found.slice(section.length).trim();
}
