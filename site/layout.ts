import { type Html, html } from './html.ts';

/** A page of the reference. `path` is its address below `docs/`, with a trailing slash; empty for the first page. */
export type Page = { path: string; title: string; description: string; content: (root: string) => Html };

/** The navigation: the pages' addresses below `docs/`, and their names. */
const NAVIGATION = [
  ['', 'Start'],
  ['operations/', 'Operations'],
  ['fields/', 'Fields'],
  ['codes/', 'Code lists'],
  ['errors/', 'Errors'],
  ['drops/', 'Drops'],
  ['scenarios/', 'Scenarios'],
  ['events/', 'Events'],
  ['environments/', 'Environments'],
] as const;

/** Returns the relative address of `docs/` from a page, such as `../`. Relative addresses also work below a stage's path. */
export const rootOf = (path: string): string => '../'.repeat(path.split('/').length - 1) || './';

/** Renders a page. It needs no script: scripts add search, copying and sending requests. */
export function renderPage({ path, title, description, content }: Page): string {
  const root = rootOf(path);
  const link = ([to, name]: (typeof NAVIGATION)[number]) =>
    html`<li><a href="${root}${to}"${path === to && html` aria-current="page"`}>${name}</a></li>`;
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
<main id="content">
<h1>${title}</h1>
${content(root)}
</main>
<footer><p><a href="${root}../openapi.json">openapi.json</a> describes this API for tools.</p></footer>
</body>
</html>
`.text;
}
