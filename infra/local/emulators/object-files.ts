import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

type StoredObject = { key: string; body: Buffer; lastModified: Date; [property: string]: unknown };
type Meta = { key: string; data?: string; [property: string]: unknown };
/** The parts of fauxqs' file persistence that are used or overridden here. */
export type ObjectFiles = {
  upsertObject(bucket: string, object: StoredObject): void;
  deleteObject(bucket: string, key: string): void;
  deleteObjectsByBucket(bucket: string): void;
  renameObject(bucket: string, source: string, target: string): void;
  readBody(bucket: string, key: string): Buffer;
  loadS3(store: unknown): void;
  close(): void;
};
type Constructor = new (folder: string) => ObjectFiles;

const META = '.meta.json';
const DATA = '.data';

/**
 * Stores S3's objects in files with atomic writes. fauxqs writes an object's two files in place, under the key as a path. After a kill it may
 * find empty files, with which it cannot start, and a key with `..` leads out of the folder. Here file names are hashes of the key, bodies
 * are never overwritten, and the metadata file is replaced atomically.
 *
 * At the start, files of earlier versions are migrated, and incomplete ones are moved to `damaged/`.
 *
 * @param Base fauxqs' FileS3Persistence
 * @param report receives a line about files that were moved
 */
export function objectFiles(Base: Constructor, folder: string, report: (line: string) => void): ObjectFiles {
  const buckets = join(folder, 'buckets');
  const hashOf = (key: string) => createHash('sha256').update(key).digest('hex');
  const placeOf = (bucket: string, key: string) =>
    join(buckets, bucket, 'objects', hashOf(key).slice(0, 2), hashOf(key));
  const metaOf = (bucket: string, key: string) => readMeta(placeOf(bucket, key) + META);
  const dataOf = (place: string, meta: Meta) => join(dirname(place), String(meta.data));

  class SafeObjectFiles extends Base {
    override upsertObject(bucket: string, { body, ...described }: StoredObject): void {
      const place = placeOf(bucket, described.key);
      const before = readMeta(place + META);
      const data = `${basename(place)}-${randomUUID()}${DATA}`;
      mkdirSync(dirname(place), { recursive: true });
      writeFileSync(join(dirname(place), data), body);
      replace(place + META, { ...described, data });
      if (before?.data !== undefined) rmSync(dataOf(place, before), { force: true });
    }
    override deleteObject(bucket: string, key: string): void {
      const place = placeOf(bucket, key);
      const before = readMeta(place + META);
      rmSync(place + META, { force: true });
      if (before?.data !== undefined) rmSync(dataOf(place, before), { force: true });
    }
    override deleteObjectsByBucket(bucket: string): void {
      rmSync(join(buckets, bucket, 'objects'), { recursive: true, force: true });
    }
    override renameObject(bucket: string, source: string, target: string): void {
      const body = this.readBody(bucket, source);
      const { data: _, ...described } = metaOf(bucket, source)!;
      this.upsertObject(bucket, { ...described, key: target, body } as unknown as StoredObject);
      this.deleteObject(bucket, source);
    }
    override readBody(bucket: string, key: string): Buffer {
      return readFileSync(dataOf(placeOf(bucket, key), metaOf(bucket, key)!));
    }
    override loadS3(store: unknown): void {
      const damaged = repair(folder, placeOf);
      if (damaged > 0)
        report(
          `S3: ${damaged} files of uploads that a kill broke off are set aside in ${join(folder, 'damaged')}.`,
        );
      super.loadS3(store);
    }
  }
  return new SafeObjectFiles(folder);
}

/** Replaces a file atomically. */
function replace(file: string, content: object): void {
  writeFileSync(`${file}.new`, JSON.stringify(content));
  renameSync(`${file}.new`, file);
}

function readMeta(file: string): Meta | undefined {
  try {
    const meta = JSON.parse(readFileSync(file, 'utf8'));
    return typeof meta === 'object' && meta !== null ? meta : undefined;
  } catch {
    return undefined;
  }
}

/** Repairs a folder for fauxqs' load, and returns the number of files moved to `damaged/`. */
function repair(folder: string, placeOf: (bucket: string, key: string) => string): number {
  let damaged = 0;
  const setAside = (file: string) => {
    mkdirSync(join(folder, 'damaged'), { recursive: true });
    renameSync(file, join(folder, 'damaged', `${randomUUID()}-${basename(file).slice(-100)}`));
    damaged += 1;
  };
  for (const bucket of entriesOf(join(folder, 'buckets'))) {
    const described = join(folder, 'buckets', bucket, '.bucket.json');
    if (readMeta(described) === undefined)
      replace(described, { name: bucket, creationDate: new Date().toISOString(), type: 'general-purpose' });
    repairObjects(join(folder, 'buckets', bucket, 'objects'), (key) => placeOf(bucket, key), setAside);
  }
  for (const upload of entriesOf(join(folder, '_multipart'))) {
    const place = join(folder, '_multipart', upload);
    if (readMeta(join(place, '.upload.json')) === undefined) setAside(place);
    else
      for (const file of filesBelow(join(place, 'parts'), META))
        if (readMeta(file) === undefined || !existsSync(file.replace(META, DATA))) setAside(file);
  }
  return damaged;
}

function repairObjects(
  folder: string,
  placeOf: (key: string) => string,
  setAside: (file: string) => void,
): void {
  const known = new Set<string>();
  for (const file of filesBelow(folder, META)) {
    const meta = readMeta(file);
    const place = meta && placeOf(meta.key);
    if (meta !== undefined && place !== undefined && meta.data === undefined) {
      // The layout of an earlier version, with files named after the key.
      const old = file.slice(0, -META.length) + DATA;
      const data = `${basename(place)}-0${DATA}`;
      mkdirSync(dirname(place), { recursive: true });
      if (existsSync(old)) renameSync(old, join(dirname(place), data));
      if (existsSync(join(dirname(place), data))) {
        replace(place + META, { ...meta, data });
        rmSync(file);
        known.add(join(dirname(place), data));
        continue;
      }
    }
    const data = meta?.data === undefined ? undefined : join(dirname(file), meta.data);
    if (data !== undefined && existsSync(data)) known.add(data);
    else setAside(file);
  }
  // Bodies without metadata: the upload was not confirmed, or the object was replaced.
  for (const file of filesBelow(folder, DATA)) if (!known.has(file)) setAside(file);
  for (const file of filesBelow(folder, '.new')) rmSync(file);
}

const entriesOf = (folder: string): string[] => (existsSync(folder) ? readdirSync(folder) : []);

const filesBelow = (folder: string, ending: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
        .map(({ parentPath, name }) => join(parentPath, name))
    : [];
