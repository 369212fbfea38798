import { openEndpoint } from './edge/http.ts';

/** Relative, so that they work below a stage as well. */
const LINKS = [
  ['v2/data-import/supply-points/', 'the API; it needs a token'],
  ['health/', 'whether it answers'],
] as const;

const PAGE = `<!doctype html>
<html lang="en">
<title>Supply Point Import</title>
<h1>Supply Point Import</h1>
<ul>
${LINKS.map(([path, what]) => `<li><a href="${path}">/${path}</a>: ${what}</li>`).join('\n')}
</ul>
</html>
`;

/** GET / — a page of links, the same for everybody: nothing of the request stands in it. */
export const handler = openEndpoint(() => ({
  status: 200,
  body: PAGE,
  headers: {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  },
}));
