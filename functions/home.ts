import { pathOf } from '../shared/api/operations.ts';
import { openEndpoint } from './edge/http.ts';

/** Relative links also work behind a stage name in the path. */
const LINKS = [
  [pathOf('create').slice(1), 'the API; it needs a token'],
  [pathOf('health').slice(1), 'whether it answers'],
  [pathOf('docs').slice(1), 'the reference'],
] as const;

const PAGE = `<!doctype html>
<html lang="en">
<title>Supply Point Import</title>
<h1>Supply Point Import</h1>
<ul>
${LINKS.map(([path, description]) => `<li><a href="${path}">/${path}</a>: ${description}</li>`).join('\n')}
</ul>
</html>
`;

/** GET / — a static page of links. It contains nothing from the request. */
export const handler = openEndpoint(() => ({
  status: 200,
  body: PAGE,
  headers: {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  },
}));
