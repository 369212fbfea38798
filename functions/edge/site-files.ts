import { readFileSync } from 'node:fs';
import { hasEtag } from './etag.ts';
import type { ApiRequest } from './request.ts';
import type { ApiResponse } from './responses.ts';

/** A file of the site. Its content is compressed with gzip, and its identity is the same for both encodings. */
export type SiteFile = { type: string; etag: string; text: Buffer; gzip: Buffer };
/** Files by their paths, such as `docs/fields/index.html`. */
export type SiteFiles = ReadonlyMap<string, SiteFile>;

/** The index of the files beside it: `<path>.gz` and `<path>`. */
export type SiteIndex = Readonly<Record<string, { type: string; etag: string }>>;
export const SITE_INDEX = 'index.json';

/** Reads the files that site/build.ts wrote to a folder. @throws Error if there are none */
export function readSite(folder: URL): SiteFiles {
  const index = JSON.parse(readFileSync(new URL(SITE_INDEX, folder), 'utf8')) as SiteIndex;
  return new Map(
    Object.entries(index).map(([path, file]) => {
      const read = (name: string) => readFileSync(new URL(name, folder));
      return [path, { ...file, text: read(path), gzip: read(`${path}.gz`) }];
    }),
  );
}

/**
 * Scripts, styles and requests of the same origin only. Pages cannot be framed, and forms cannot be sent elsewhere.
 *
 * @param uploads the origin to which the console uploads files
 */
const contentSecurityPolicy = (uploads?: string): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    `connect-src 'self'${uploads === undefined ? '' : ` ${uploads}`}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');

const NOT_FOUND_PAGE = 'docs/not-found/index.html';

/**
 * Returns the response for a path of the site: the file, 304 if the client has it, or the page of unknown addresses with 404. The page of a
 * folder is its `index.html`; its address ends in a slash, to which other forms are redirected, because the links in pages are relative.
 *
 * @param uploads the origin to which the console may upload files
 */
export function siteResponse(
  files: SiteFiles,
  { resource, path, parameters, header }: Pick<ApiRequest, 'resource' | 'path' | 'parameters' | 'header'>,
  uploads?: string,
): ApiResponse {
  const rest = parameters['page']?.replace(/\/$/, '');
  const name = (rest === undefined ? resource : resource.replace('{page+}', rest)).slice(1);
  const page = `${name}/index.html`;
  if (files.has(page) && !path.endsWith('/')) {
    return {
      status: 301,
      body: '',
      headers: { 'Content-Type': 'text/plain', Location: `${lastSegment(name)}/` },
    };
  }
  const found = files.get(page) ?? files.get(name);
  if (found === undefined && !name.startsWith('docs/'))
    return { status: 404, body: 'There is no such file.', headers: { 'Content-Type': 'text/plain' } };
  if (found === undefined) return fileResponse(files.get(NOT_FOUND_PAGE)!, { status: 404, header });
  return fileResponse(found, {
    status: 200,
    header,
    uploads: name.startsWith('console') ? uploads : undefined,
  });
}

/** A relative redirect also works below a stage's path. */
const lastSegment = (name: string): string => name.slice(name.lastIndexOf('/') + 1);

function fileResponse(
  { type, etag, text, gzip }: SiteFile,
  { status, header, uploads }: { status: number; header: ApiRequest['header']; uploads?: string | undefined },
): ApiResponse {
  const headers = {
    'Content-Type': type,
    ETag: etag,
    // A browser asks each time; unchanged files cost a 304.
    'Cache-Control': 'no-cache',
    Vary: 'Accept-Encoding',
    'Content-Security-Policy': contentSecurityPolicy(uploads),
    'Referrer-Policy': 'no-referrer',
  };
  if (status === 200 && hasEtag(header('if-none-match'), etag)) return { status: 304, body: '', headers };
  if (!acceptsGzip(header('accept-encoding'))) return { status, body: text, headers };
  return { status, body: gzip, headers: { ...headers, 'Content-Encoding': 'gzip' } };
}

/** Whether an Accept-Encoding header allows gzip (source: RFC 9110, section 12.5.3). */
const acceptsGzip = (acceptEncoding: string | undefined): boolean =>
  (acceptEncoding ?? '').split(',').some((part) => /^\s*gzip\s*(;\s*q=(?!0(\.0*)?\s*$).*)?$/i.test(part));
