import { openAsBlob } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { mapConcurrently } from '../../shared/map-concurrently.ts';
import { CliError } from '../command.ts';
import { refused, type Service } from '../service.ts';
import type { Terminal } from '../terminal.ts';

const PARTS_AT_ONCE = 3;
const ATTEMPTS_MAX = 5;

type Presigned = { method: string; url: string; headers: Record<string, string> };
type Part = Presigned & { number: number; bytes: number };

/** What is being uploaded: with an upload in parts, its requests, and the ETags of the parts that S3 has. */
export type Uploading = {
  name: string;
  bytes: number;
  multipart?: { parts: Part[]; complete: Presigned; etags: Record<number, string>; isCompleting?: boolean };
};

/**
 * Uploads a file to be dropped. A large one is uploaded in parts; `save` is called after each, so that a run that was stopped goes on with the parts that are missing.
 *
 * @throws CliError
 */
export async function uploadFile(
  api: Service,
  supplier: string,
  file: string,
  uploading: Uploading,
  { save, terminal }: { save: () => void; terminal: Terminal },
): Promise<void> {
  const { name, bytes } = uploading;
  const content = await openAsBlob(file);
  const isResumed = uploading.multipart !== undefined;
  if (!isResumed) {
    const { upload, multipart } = await createUpload(api, supplier, name, bytes);
    if (upload !== null) {
      terminal.progress(`uploading ${name}`);
      await send(upload, content);
      return;
    }
    uploading.multipart = { ...multipart!, etags: {} };
    save();
  }
  try {
    await uploadParts(content, uploading, { save, terminal });
  } catch (error) {
    // The requests of the earlier run have expired, or S3 has removed its parts.
    if (!isResumed || !(error instanceof UploadRefused)) throw error;
    delete uploading.multipart;
    await uploadFile(api, supplier, file, uploading, { save, terminal });
  }
}

async function createUpload(api: Service, supplier: string, name: string, bytes: number) {
  const reply = await api.call('drops-create', { parameters: { supplier }, body: { name, bytes } });
  if (reply.status === 201)
    return reply.body as {
      upload: Presigned | null;
      multipart: { parts: Part[]; complete: Presigned } | null;
    };
  if (reply.status !== 400) throw refused(reply, api.host);
  throw new CliError(
    `${api.host} does not take ${name}: ${JSON.stringify(reply.body)} Nothing was uploaded.`,
  );
}

async function uploadParts(
  content: Blob,
  { name, multipart }: Uploading,
  { save, terminal }: { save: () => void; terminal: Terminal },
): Promise<void> {
  const { parts, complete, etags } = multipart!;
  const size = parts[0]!.bytes;
  await mapConcurrently(
    parts.filter(({ number }) => etags[number] === undefined),
    PARTS_AT_ONCE,
    async (part) => {
      const start = (part.number - 1) * size;
      const response = await send(part, content.slice(start, start + part.bytes));
      etags[part.number] = response.headers.get('etag') ?? '';
      save();
      terminal.progress(`uploading ${name}: ${Object.keys(etags).length} of ${parts.length} parts`);
    },
  );
  const wasCompleting = multipart!.isCompleting === true;
  multipart!.isCompleting = true;
  save();
  const list = parts.map(
    ({ number }) => `<Part><PartNumber>${number}</PartNumber><ETag>${etags[number]}</ETag></Part>`,
  );
  const body = new Blob([`<CompleteMultipartUpload>${list.join('')}</CompleteMultipartUpload>`]);
  await send(complete, body).catch((error: unknown) => {
    // The earlier run was stopped after S3 had completed the upload.
    if (!(wasCompleting && error instanceof UploadRefused && error.status === 404)) throw error;
  });
}

/** Thrown if S3 refuses a request. */
class UploadRefused extends CliError {
  readonly status: number;
  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

/** Sends a presigned request, again after lost connections and 5xx. @throws CliError; UploadRefused for other statuses */
async function send({ method, url, headers }: Presigned, body: Blob): Promise<Response> {
  for (let attempt = 1; ; attempt += 1) {
    const response = await fetch(url, { method, headers, body }).catch((error: Error) => error);
    const isResponse = response instanceof Response;
    if (isResponse && response.ok) return response;
    if ((!isResponse || response.status >= 500) && attempt < ATTEMPTS_MAX) {
      await sleep(500 * 2 ** attempt * (0.5 + Math.random() / 2));
      continue;
    }
    const reason = isResponse
      ? `status ${response.status} ${/<Code>(\w+)<\/Code>/.exec(await response.text())?.[1] ?? ''}`
      : String((response.cause as NodeJS.ErrnoException | undefined)?.code ?? response.message);
    const message = `The upload failed (${reason}). Nothing was imported: run the command again.`;
    throw isResponse ? new UploadRefused(message, response.status) : new CliError(message);
  }
}
