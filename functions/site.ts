import { openEndpoint } from './edge/http.ts';
import { setting } from './edge/settings.ts';
import { readSite, siteResponse } from './edge/site-files.ts';

/** The pages that site/build.ts wrote beside the bundle. */
const files = readSite(new URL('./site/', import.meta.url));

const emulator = process.env['AWS_ENDPOINT_URL_S3'];
/** The origin of presigned uploads (source: S3 user guide, "Virtual hosting of general purpose buckets"); emulators are addressed by path. */
const uploads =
  emulator === undefined
    ? `https://${setting('DROPS_BUCKET')}.s3.${setting('AWS_REGION')}.amazonaws.com`
    : new URL(emulator).origin;

/** GET /docs/…, /console/… and /openapi.json — the reference, the console and the API's description. Needs no token, and makes no AWS calls. */
export const handler = openEndpoint((request) => siteResponse(files, request, uploads));
