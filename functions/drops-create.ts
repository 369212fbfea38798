import { s3 } from '../shared/aws/clients.ts';
import { uploadDrop } from '../shared/drops/upload-drop.ts';
import { uploadBody } from './edge/drops/bodies.ts';
import { readUploadRequest } from './edge/drops/upload-request.ts';
import { supplierEndpoint } from './edge/imports/endpoints.ts';
import { badRequest, created } from './edge/responses.ts';
import { setting } from './edge/settings.ts';

const upload = uploadDrop(s3(), setting('DROPS_BUCKET'));
const timeZone = setting('TIME_ZONE');

/** POST /v2/data-import/supply-points/{supplier}/drops/ — presigns the upload of a file. */
export const handler = supplierEndpoint('drops-create', async (supplier, { caller, now, json }) => {
  const checked = readUploadRequest(json());
  if (!checked.valid) return badRequest(checked.errors);
  if (caller.suppliers[supplier] !== 'open') return badRequest(migrationNotOngoing(supplier));
  const presigned = await upload({ importSupplier: supplier, ...checked.data }, now);
  return created(uploadBody(checked.data, presigned, timeZone));
});

/** As the create endpoint answers for an import. */
const migrationNotOngoing = (supplier: string) => ({
  non_field_errors: {
    detail: `The migration of the import supplier ${supplier} is not ongoing.`,
    code: 'import_supplier_migration_not_ongoing',
  },
});
