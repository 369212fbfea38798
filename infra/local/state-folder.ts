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

/** Thrown if another host uses the folder. */
export class FolderInUse extends Error {
  override name = 'FolderInUse';
}

/** Thrown for a path that cannot be a state folder: a file, or a folder with other files. */
export class NotAStateFolder extends Error {
  override name = 'NotAStateFolder';
}

/** SQLite's result code for a locked database (source: SQLite, "Result Codes"). */
const SQLITE_BUSY = 5;
const LOCK = 'lock';
const ENDPOINTS = 'endpoints.json';
/** All entries that a host creates in its folder. */
const OWN_ENTRIES =
  /^(lock(-journal|-wal|-shm)?|endpoints\.json(\.new)?|memory-\d+\.json(\.new)?|dynamodb|sqs-s3|logs|damaged|running)$/;

/**
 * Locks a state folder until the process ends, and restricts it to the user. The lock is SQLite's, because Node has no file locks.
 *
 * @throws FolderInUse or NotAStateFolder
 */
export function lockFolder(folder: string): void {
  makeFolder(folder);
  const others = readdirSync(folder).filter((entry) => !OWN_ENTRIES.test(entry));
  // --fresh deletes the folder's entries, so it must not be a folder with other files.
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

/** Keeps the locks reachable: garbage collection would close the database and release the lock. */
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

/** Deletes the state in a locked folder, except for the lock and the files of hosts in memory. */
export function emptyFolder(folder: string): void {
  for (const entry of readdirSync(folder)) {
    if (entry !== LOCK && !MEMORY_FILE.test(entry))
      rmSync(join(folder, entry), { recursive: true, force: true });
  }
}

/** Files of hosts in memory, named after the API's port. Several may run at the same time. */
const MEMORY_FILE = /^memory-\d+\.json$/;
export const memoryFile = (api: string): string => `memory-${new URL(api).port}.json`;

/** A host's file with its endpoints; `isRunning`: whether its process is alive. */
export type HostFile = { file: string; endpoints: Record<string, unknown>; isRunning: boolean };

/** Returns the files of all hosts of a folder, including those of killed hosts. */
export function hostFiles(folder: string): HostFile[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((entry) => entry === ENDPOINTS || MEMORY_FILE.test(entry))
    .map((entry) => hostFile(join(folder, entry)));
}

/** Reads a host's file. The endpoints are empty if the file is missing or damaged. */
export function hostFile(file: string): HostFile {
  const endpoints = readJson(file);
  return { file, endpoints, isRunning: isAlive(endpoints['pid']) };
}

/** Deletes the files of killed hosts in memory. */
export function removeStaleFiles(folder: string): void {
  for (const { file, isRunning } of hostFiles(folder))
    if (!isRunning && MEMORY_FILE.test(basename(file))) rmSync(file, { force: true });
}

/** Without a process id a host counts as alive. */
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
 * Writes a host's endpoints atomically, and returns the file's path. Only the user may read the file, because it contains tokens and
 * credentials.
 *
 * @param name the file's name: `endpoints.json` for the folder's own host, {@link memoryFile} for a host in memory
 */
export function writeEndpoints(folder: string, endpoints: object, name = ENDPOINTS): string {
  makeFolder(folder);
  const file = join(folder, name);
  writeFileSync(`${file}.new`, `${JSON.stringify(endpoints, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
  return file;
}

/** Reads the endpoints of the previous run; empty if there was none. */
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
