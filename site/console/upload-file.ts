import type { ResultOf } from '../../shared/api/operation-types.ts';
import { mapConcurrently } from '../../shared/map-concurrently.ts';
import { Failure, type Service } from './service.ts';

type Presigned = { method: string; url: string; headers: Readonly<Record<string, string>> };

const PARTS_AT_ONCE = 3;
const ATTEMPTS_MAX = 5;

/**
 * Uploads a file to be dropped, by presigned requests: in parts if it is large. `onProgress` receives the bytes that were sent so far.
 *
 * @throws Failure if the service or S3 refuses it, or if the upload was aborted
 */
export async function uploadFile(
  api: Service,
  supplier: string,
  file: File,
  { onProgress, signal }: { onProgress: (bytes: number) => void; signal: AbortSignal },
): Promise<void> {
  const body = { name: file.name, bytes: file.size };
  const { upload, multipart }: ResultOf<'drops-create'> = await api.get('drops-create', {
    parameters: { supplier },
    body,
  });
  if (upload !== null) {
    await send(upload, file, { onProgress, signal });
    return;
  }
  const { parts, complete, abort } = multipart!;
  const size = parts[0]!.bytes;
  const sent = new Map<number, number>();
  try {
    const etags = await mapConcurrently(parts, PARTS_AT_ONCE, (part) => {
      const start = (part.number - 1) * size;
      return send(part, file.slice(start, start + part.bytes), {
        signal,
        onProgress: (bytes) => {
          sent.set(part.number, bytes);
          onProgress([...sent.values()].reduce((sum, each) => sum + each, 0));
        },
      });
    });
    const list = parts.map(
      ({ number }, index) => `<Part><PartNumber>${number}</PartNumber><ETag>${etags[index]}</ETag></Part>`,
    );
    const completion = new Blob([`<CompleteMultipartUpload>${list.join('')}</CompleteMultipartUpload>`]);
    await send(complete, completion, { onProgress: () => {}, signal });
  } catch (error) {
    // Otherwise S3 keeps the parts until the bucket's rule removes them.
    await send(abort, undefined, { onProgress: () => {} }).catch(() => {});
    throw error;
  }
}

/** Headers that browsers set by themselves, and scripts must not. */
const BROWSERS_OWN = /^(content-length|host)$/i;

/** Sends a presigned request, again after lost connections and 5xx. Returns the ETag. @throws Failure */
async function send(
  request: Presigned,
  body: Blob | undefined,
  options: { onProgress: (bytes: number) => void; signal?: AbortSignal },
): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    const { status, etag, text } = await once(request, body, options);
    if (status >= 200 && status < 300) return etag;
    if (options.signal?.aborted) throw new Failure(0, 'The upload was stopped.');
    if ((status !== 0 && status < 500) || attempt === ATTEMPTS_MAX) {
      const code = /<Code>(\w+)<\/Code>/.exec(text)?.[1];
      throw new Failure(
        status,
        status === 0
          ? 'The bucket cannot be reached, or refuses uploads from this page.'
          : `The bucket refuses the upload: ${status} ${code ?? ''}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 500 * 2 ** attempt));
  }
}

/** XMLHttpRequest, because fetch does not tell the progress of an upload. Status 0: no response. */
function once(
  { method, url, headers }: Presigned,
  body: Blob | undefined,
  { onProgress, signal }: { onProgress: (bytes: number) => void; signal?: AbortSignal },
): Promise<{ status: number; etag: string; text: string }> {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open(method, url);
    for (const [name, value] of Object.entries(headers))
      if (!BROWSERS_OWN.test(name)) request.setRequestHeader(name, value);
    request.upload.addEventListener('progress', ({ loaded }) => onProgress(loaded));
    const stop = (): void => request.abort();
    signal?.addEventListener('abort', stop);
    request.addEventListener('loadend', () => {
      signal?.removeEventListener('abort', stop);
      const etag = request.status === 0 ? '' : (request.getResponseHeader('etag') ?? '');
      resolve({ status: request.status, etag, text: request.responseText });
    });
    request.send(body);
  });
}
