import { chmodSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Credentials } from './access/credentials.ts';
import type { DevelopmentTokens } from './seed.ts';

/** Thrown where another host uses the folder. */
export class FolderInUse extends Error {
  override name = 'FolderInUse';
}

/** SQLite's code for what somebody else has locked (source: SQLite, "Result Codes"). */
const SQLITE_BUSY = 5;
const LOCK = 'lock';
const ENDPOINTS = 'endpoints.json';

/**
 * Takes a folder for one host, until its process ends, however it ends: Node has no file locks, but SQLite has. Only the user may
 * look into it from then on.
 *
 * @throws FolderInUse
 */
export function takeFolder(folder: string): void {
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o700);
  const lock = new DatabaseSync(join(folder, LOCK));
  try {
    lock.exec('PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    if ((error as { errcode?: number }).errcode !== SQLITE_BUSY) throw error;
    throw new FolderInUse(`Another local host uses ${folder}.`, { cause: error });
  }
  taken.push(lock);
}

/** What is collected as garbage is closed, and with it the lock. */
const taken: DatabaseSync[] = [];

/** Forgets all that is kept in a folder that was taken. */
export function emptyFolder(folder: string): void {
  for (const entry of readdirSync(folder)) {
    if (entry !== LOCK) rmSync(join(folder, entry), { recursive: true, force: true });
  }
}

/** Where tools find a host's endpoints: what is there is always whole. Only the user may read it, as it has tokens. */
export function writeEndpoints(folder: string, endpoints: object): string {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, ENDPOINTS);
  writeFileSync(`${file}.new`, `${JSON.stringify(endpoints, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
  return file;
}

/** What the run before wrote; nothing where there was none. */
export function readEndpoints(folder: string): Partial<DevelopmentTokens & { credentials: Credentials }> {
  try {
    return JSON.parse(readFileSync(join(folder, ENDPOINTS), 'utf8'));
  } catch {
    return {};
  }
}
