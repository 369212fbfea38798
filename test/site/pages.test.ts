import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../cli/commands.ts';
import { MORE_COMMANDS } from '../../cli/more-commands.ts';
import { fieldPaths } from '../../shared/contract/ignored-fields.ts';
import { siteFiles } from '../../site/build.ts';

const files = siteFiles();
const pages = [...files].filter(([path]) => path.endsWith('.html'));

/** Where the site is served in these tests: below a stage, as API Gateway serves it without a domain. */
const STAGE = 'https://api.example/prod/';

/** The attributes of a page's elements with this name. */
const attributes = (page: string, name: string): string[] =>
  [...page.matchAll(new RegExp(` ${name}="([^"]*)"`, 'g'))].map(([, value = '']) => value);

/** Why a link of a page leads nowhere, or undefined. */
function brokenLink(from: string, href: string): string | undefined {
  const to = new URL(href, STAGE + from.replace(/index\.html$/, ''));
  if (!to.href.startsWith(STAGE)) return isAllowed(to) ? undefined : 'outside';
  const path = decodeURIComponent(to.href.slice(STAGE.length).split('#')[0]!);
  const file = files.get(path.endsWith('/') ? `${path}index.html` : path);
  if (file === undefined) return path === 'openapi.json' ? undefined : 'no such file';
  const anchor = decodeURIComponent(to.hash.slice(1));
  return anchor === '' || attributes(file, 'id').includes(anchor) ? undefined : 'no such anchor';
}

/** Users may follow links to other sites. No page loads anything from them (browser.test.ts). */
const isAllowed = ({ origin, protocol }: URL): boolean =>
  protocol === 'data:' || (protocol === 'https:' && origin !== new URL(STAGE).origin);

const sizeOf = (text: string): number => gzipSync(text, { level: 9 }).length;

describe('the reference’s pages', () => {
  it('are at most 20 kB each with gzip, and so are their style sheet and script', () => {
    const sizes = [...files]
      .filter(([path]) => /^docs\/.*\.(html|css|js)$/.test(path))
      .map(([path, text]) => [path, sizeOf(text)] as const);
    expect(sizes.filter(([, bytes]) => bytes > 20_000)).toEqual([]);
    expect(sizes.length).toBeGreaterThan(20);
  });

  it('are followed by a console of at most 30 kB, but for what checks a file before its upload', () => {
    const all = [...files].filter(([path]) => path.startsWith('console/'));
    const isLater = (path: string): boolean => /check-file|errors\.json/.test(path);
    const sum = (some: typeof all): number => some.reduce((total, [, text]) => total + sizeOf(text), 0);
    expect(sum(all.filter(([path]) => !isLater(path)))).toBeLessThan(30_000);
    expect(sum(all.filter(([path]) => isLater(path)))).toBeLessThan(80_000);
    expect(all.length).toBeGreaterThan(4);
  });

  it('have links and anchors that resolve, below a stage’s path too', () => {
    const broken = pages.flatMap(([path, page]) =>
      [...attributes(page, 'href'), ...attributes(page, 'src')].flatMap((href) => {
        const reason = brokenLink(path, href);
        return reason === undefined ? [] : [`${path}: ${href}: ${reason}`];
      }),
    );
    expect(broken).toEqual([]);
  });

  it.each([
    ['docs/codes/index.html', '#no-such-list', 'no such anchor'],
    ['docs/codes/index.html', '../nothing/', 'no such file'],
    ['docs/index.html', '/docs/codes/', 'outside'],
    ['docs/index.html', 'http://elsewhere.example/', 'outside'],
  ])('have tests that would find in %s the link %s', (path, href, reason) => {
    expect(brokenLink(path, href)).toBe(reason);
  });

  it('have ids that are unique, and no script or style of their own, which the policy forbids', () => {
    for (const [path, page] of pages) {
      const ids = attributes(page, 'id');
      expect(
        ids.filter((id, index) => ids.indexOf(id) !== index),
        path,
      ).toEqual([]);
      expect(page, path).not.toMatch(/<style|<script>|<script [^>]*>[^<]| style="| on[a-z]+="/);
    }
  });

  it('give each field of a request an address', () => {
    const ids = new Set(attributes(files.get('docs/fields/index.html')!, 'id'));
    expect(ids).toContain('accounts.customers.mobile');
    const expected = fieldPaths().map((path) => path.replace(/^payload\./, '').replaceAll('.*', ''));
    expect(expected.filter((id) => !ids.has(id))).toEqual([]);
  });
});

describe('the page of commands', () => {
  it('has every command of the command line with its options', () => {
    const page = files.get('docs/commands/index.html')!;
    for (const { name, options } of [...COMMANDS, ...MORE_COMMANDS]) {
      const [, rest = ''] = page.split(`<h2 id="${name.replaceAll(' ', '-')}">`);
      const section = rest.split('<h2')[0]!;
      expect([name, section]).toEqual([name, expect.stringContaining(`supply-points ${name}`)]);
      for (const option of Object.keys(options)) expect(section).toContain(`--${option}`);
    }
  });
});
