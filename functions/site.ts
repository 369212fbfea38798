import { openEndpoint } from './edge/http.ts';
import { readSite, siteResponse } from './edge/site-files.ts';

/** The pages that site/build.ts wrote beside the bundle. */
const files = readSite(new URL('./site/', import.meta.url));

/** GET /docs/… and /openapi.json — the reference site and the API's description. Needs no token, and makes no AWS calls. */
export const handler = openEndpoint((request) => siteResponse(files, request));
