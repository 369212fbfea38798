import { Html, html } from './html.ts';

/** A page of the reference. `path` is its address below `docs/`, with a trailing slash; empty for the first page. */
export type Page = {
  path: string;
  title: string;
  description: string;
  content: (root: string) => Html;
  /** The links beside the content. By default those to its sections. */
  side?: (root: string) => Html;
  /** What stands above the title, such as a link to the page's parent. */
  above?: (root: string) => Html;
};

/** The navigation: the pages' addresses below `docs/`, and their names. */
const NAVIGATION = [
  ['', 'Start'],
  ['operations/', 'Operations'],
  ['fields/', 'Fields'],
  ['codes/', 'Code lists'],
  ['errors/', 'Errors'],
  ['drops/', 'Drops'],
  ['commands/', 'Commands'],
  ['scenarios/', 'Scenarios'],
  ['events/', 'Events'],
  ['environments/', 'Environments'],
] as const;

/** Returns the relative address of `docs/` from a page, such as `../`. Relative addresses also work below a stage's path. */
export const rootOf = (path: string): string => '../'.repeat(path.split('/').length - 1) || './';

/** Renders a page. It needs no script: scripts add search, copying and sending requests. */
export function renderPage({ path, title, description, content, side, above }: Page): string {
  const root = rootOf(path);
  const link = ([to, name]: (typeof NAVIGATION)[number]) =>
    html`<li><a href="${root}${to}"${currentAttribute(path, to)}>${name}</a></li>`;
  const main = content(root);
  const beside = side?.(root) ?? sectionLinks(main);
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="description" content="${description}">
<title>${title} · Supply Point Import</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${root}assets/style.css">
<script src="${root}assets/reference.js" type="module"></script>
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<header><a class="brand" href="${root}">Supply Point Import</a>
<nav aria-label="Reference"><ul>${NAVIGATION.map(link)}</ul></nav>
</header>
<div class="page">
${beside && html`<nav class="side" aria-label="${side === undefined ? 'On this page' : title}">${beside}</nav>`}
<main id="content" tabindex="-1">
${above?.(root)}<h1>${title}</h1>
${main}
</main>
</div>
<footer><p><a href="${root}../openapi.json">openapi.json</a> describes this API for tools.</p></footer>
</body>
</html>
`.text;
}

/** The current page, or the section of the reference that it is in. */
function currentAttribute(path: string, to: string): Html | undefined {
  if (path === to) return html` aria-current="page"`;
  return to !== '' && path.startsWith(to) ? html` aria-current="true"` : undefined;
}

/** Returns links to a page's sections, or undefined if it has fewer than two. */
function sectionLinks({ text }: Html): Html | undefined {
  const headings = [...text.matchAll(/<h2 id="([^"]+)">(.*?)<\/h2>/g)];
  if (headings.length < 2) return undefined;
  const names = headings.map(([, id = '', name = '']) => ({ id, name: name.replace(/<[^>]+>/g, '') }));
  return html`<ul>${names.map(({ id, name }) => html`<li><a href="#${raw(id)}">${raw(name)}</a></li>`)}</ul>`;
}

/** Text that is HTML already, because it was taken from a rendered page. */
const raw = (text: string): Html => new Html(text);
