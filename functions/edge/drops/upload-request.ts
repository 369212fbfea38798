import { isDictionary, isNumber, typeName } from '../../../shared/contract/python-values.ts';
import type { ErrorBody, Validated } from '../../../shared/contract/request.ts';
import { DROPS_PREFIX } from '../../../shared/drops/drop.ts';
import { isRanged, kindOf } from '../../../shared/drops/formats/drop-kind.ts';
import { bytesMaxOf, UNKNOWN_KIND } from '../../../shared/drops/plan-drop.ts';

/** Maximum length of a file's name, in bytes of UTF-8. */
const NAME_BYTES_MAX = 200;

/** A file that is to be uploaded: its name below the supplier's folder, its exact size, and its media type. */
export type UploadRequest = { name: string; bytes: number; contentType: string };

const CONTENT_TYPES = { ndjson: 'application/x-ndjson', json: 'application/json', csv: 'text/csv' } as const;

/** Parses the body of a request for an upload: `name`, `bytes` and optionally `content_type`. Returns all errors at once. */
export function readUploadRequest(body: unknown): Validated<UploadRequest> {
  if (!isDictionary(body)) {
    const message = `Invalid data. Expected a dictionary, but got ${typeName(body)}.`;
    return { valid: false, errors: { non_field_errors: [message] } };
  }
  const { name, bytes, content_type } = body;
  const errors: ErrorBody = {};
  const nameError = wrongName(name);
  if (nameError !== undefined) errors['name'] = [nameError];
  const bytesError = wrongBytes(bytes, nameError === undefined ? String(name) : undefined);
  if (bytesError !== undefined) errors['bytes'] = [bytesError];
  const isType =
    content_type === undefined || (typeof content_type === 'string' && MEDIA_TYPE.test(content_type));
  if (!isType) errors['content_type'] = ['Not a valid media type.'];
  if (Object.keys(errors).length > 0) return { valid: false, errors };
  const contentType = content_type === undefined ? typeOf(String(name)) : String(content_type);
  return { valid: true, data: { name: String(name), bytes: Number(bytes), contentType } };
}

const MEDIA_TYPE = /^[\w.+-]{1,60}\/[\w.+-]{1,60}$/;

const typeOf = (name: string): string => {
  const kind = kindOf(name);
  return kind === undefined || kind.gzip ? 'application/gzip' : CONTENT_TYPES[kind.format];
};

/** The first texts are Django REST framework's. */
function wrongName(name: unknown): string | undefined {
  if (name === undefined) return 'This field is required.';
  if (name === null) return 'This field may not be null.';
  if (typeof name !== 'string') return 'Not a valid string.';
  if (name === '') return 'This field may not be blank.';
  if (Buffer.byteLength(name) > NAME_BYTES_MAX)
    return `Ensure this field has no more than ${NAME_BYTES_MAX} bytes.`;
  if (/\p{Cc}/u.test(name) || !name.isWellFormed())
    return 'Control characters and lone surrogates are not allowed.';
  const steps = name.split('/');
  if (steps.some((step) => step === '' || step === '.' || step === '..')) {
    return 'Parts of a path may not be empty, "." or "..".';
  }
  return kindOf(`${DROPS_PREFIX}${name}`) === undefined ? UNKNOWN_KIND : undefined;
}

/** @param name the file's name, if it is valid: the limit depends on its kind */
function wrongBytes(bytes: unknown, name: string | undefined): string | undefined {
  if (bytes === undefined) return 'This field is required.';
  if (bytes === null) return 'This field may not be null.';
  if (!isNumber(bytes) || !Number.isSafeInteger(bytes)) return 'A valid integer is required.';
  if (Number(bytes) < 1) return 'Ensure this value is greater than or equal to 1.';
  const kind = name === undefined ? undefined : kindOf(name);
  const max = bytesMaxOf(kind !== undefined && isRanged(kind));
  return kind !== undefined && Number(bytes) > max
    ? `Ensure this value is less than or equal to ${max}.`
    : undefined;
}
