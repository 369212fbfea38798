import { statSync } from 'node:fs';
import { join, relative } from 'node:path';
import * as v from 'valibot';
import { type HostFile, hostFile, hostFiles } from '../../infra/local/state-folder.ts';
import { WrongUse } from './command.ts';

/** Where a local host keeps its state unless it is told otherwise. */
export const STATE_FOLDER_DEFAULT = join(import.meta.dirname, '../../.local');

const LocalEndpoints = v.object({
  api: v.string(),
  dynamodb: v.string(),
  s3: v.string(),
  tables: v.object({ registry: v.string(), 'drop-records': v.string() }),
  buckets: v.object({ drops: v.string() }),
  credentials: v.object({ accessKeyId: v.string(), secretAccessKey: v.string() }),
  token: v.string(),
  viewerToken: v.string(),
});
export type LocalEndpoints = v.InferOutput<typeof LocalEndpoints>;

/**
 * What a local host wrote of itself.
 *
 * @param state the host's file, or a folder in which exactly one host that runs has its file
 * @throws WrongUse where none or several run; the message names the files to choose from
 */
export function localEndpoints(state: string): LocalEndpoints {
  const found = v.safeParse(LocalEndpoints, chosen(state).endpoints);
  if (found.success) return found.output;
  throw new WrongUse(`${shown(state)} is not of a local host of this version: start one with npm start.`);
}

function chosen(state: string): HostFile {
  if (statSync(state, { throwIfNoEntry: false })?.isFile()) return hostFile(state);
  const running = hostFiles(state).filter(({ isRunning }) => isRunning);
  const [only, ...others] = running;
  if (only === undefined)
    throw new WrongUse(`No local host of the folder ${shown(state)} runs: start one with npm start.`);
  if (others.length === 0) return only;
  const files = running.map(({ file, endpoints }) => `${shown(file)} (${endpoints['api']})`);
  throw new WrongUse(`Several local hosts run: choose one with --state ${files.join(' or ')}.`);
}

const shown = (path: string): string => relative(process.cwd(), path) || '.';
