import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Credentials } from './access/credentials.ts';
import type { DevelopmentTokens } from './seed.ts';

/** Thrown where another host uses the folder. */
export class FolderInUse extends Error {
  override name = 'FolderInUse';
}

/** Thrown for a path that cannot be a state folder: a file, or a folder with files of somebody else. */
export class NotAStateFolder extends Error {
  override name = 'NotAStateFolder';
}

/** SQLite's code for what somebody else has locked (source: SQLite, "Result Codes"). */
const SQLITE_BUSY = 5;
const LOCK = 'lock';
const ENDPOINTS = 'endpoints.json';
/** Everything that a host puts into its folder. */
const OWN_ENTRIES =
  /^(lock(-journal|-wal|-shm)?|endpoints\.json(\.new)?|memory-\d+\.json(\.new)?|dynamodb|sqs-s3|logs|damaged|running)$/;

/**
 * Takes a folder for one host, until its process ends, however it ends: Node has no file locks, but SQLite has. Only the user may
 * look into it from then on.
 *
 * @throws FolderInUse or NotAStateFolder
 */
export function lockFolder(folder: string): void {
  makeFolder(folder);
  const others = readdirSync(folder).filter((entry) => !OWN_ENTRIES.test(entry));
  // --fresh empties the folder: it must not be one with other things in it.
  if (others.length > 0 && !existsSync(join(folder, LOCK)))
    throw new NotAStateFolder(`${folder} has other files than a local host's, such as ${others[0]}.`);
  chmodSync(folder, 0o700);
  const lock = new DatabaseSync(join(folder, LOCK));
  try {
    lock.exec('PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    if ((error as { errcode?: number }).errcode !== SQLITE_BUSY) throw error;
    throw new FolderInUse(`Another local host uses ${folder}.`, { cause: error });
  }
  heldLocks.push(lock);
}

/** What is collected as garbage is closed, and with it the lock. */
const heldLocks: DatabaseSync[] = [];

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EEXIST' && code !== 'ENOTDIR') throw error;
    throw new NotAStateFolder(`${folder} is not a folder.`, { cause: error });
  }
}

/** Forgets all that is kept in a folder that was locked, but not where hosts are that keep nothing. */
export function emptyFolder(folder: string): void {
  for (const entry of readdirSync(folder)) {
    if (entry !== LOCK && !MEMORY_FILE.test(entry))
      rmSync(join(folder, entry), { recursive: true, force: true });
  }
}

/** The files of hosts that keep nothing, by the API's port: several may run beside the one that the folder belongs to. */
const MEMORY_FILE = /^memory-\d+\.json$/;
export const memoryFile = (api: string): string => `memory-${new URL(api).port}.json`;

/** A file in which a host says where everything is; `isRunning` tells whether its process still lives. */
export type HostFile = { file: string; endpoints: Record<string, unknown>; isRunning: boolean };

/** The files of all hosts of a folder, those of hosts that were killed included. */
export function hostFiles(folder: string): HostFile[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((entry) => entry === ENDPOINTS || MEMORY_FILE.test(entry))
    .map((entry) => hostFile(join(folder, entry)));
}

/** What is in the file of a host; nothing where it is not there or damaged. */
export function hostFile(file: string): HostFile {
  const endpoints = readJson(file);
  return { file, endpoints, isRunning: isAlive(endpoints['pid']) };
}

/** Removes the files of hosts that kept nothing and were killed. */
export function removeStaleFiles(folder: string): void {
  for (const { file, isRunning } of hostFiles(folder))
    if (!isRunning && MEMORY_FILE.test(basename(file))) rmSync(file, { force: true });
}

/** A host that did not write its process's id counts as alive. */
function isAlive(pid: unknown): boolean {
  if (typeof pid !== 'number') return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * Writes where tools find a host, and answers the file. What is there is always whole. Only the user may read it, as it has tokens and
 * credentials.
 *
 * @param name the file's: `endpoints.json` for the host that the folder belongs to, {@link memoryFile} for one that keeps nothing
 */
export function writeEndpoints(folder: string, endpoints: object, name = ENDPOINTS): string {
  makeFolder(folder);
  const file = join(folder, name);
  writeFileSync(`${file}.new`, `${JSON.stringify(endpoints, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
  return file;
}

/** What the run before wrote; nothing where there was none. */
export function readEndpoints(folder: string): Partial<DevelopmentTokens & { credentials: Credentials }> {
  return readJson(join(folder, ENDPOINTS));
}

function readJson(file: string): Record<string, unknown> {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return {};
  }
}
