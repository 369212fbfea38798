import { statSync } from 'node:fs';
import { join, relative } from 'node:path';
import * as v from 'valibot';
import { type HostFile, hostFile, hostFiles } from '../../infra/local/state-folder.ts';
import { CommandError } from './command.ts';

/** The default folder of a local host's state. */
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
 * The endpoints of a running local host, from the file that it writes.
 *
 * @param state the host's file, or a folder with the file of exactly one running host
 * @throws CommandError if no host or several hosts run; the message names the files to choose from
 */
export function localEndpoints(state: string): LocalEndpoints {
  const found = v.safeParse(LocalEndpoints, chosen(state).endpoints);
  if (found.success) return found.output;
  throw new CommandError(
    `${shown(state)} was written by another version of the local host: start one with npm start.`,
  );
}

function chosen(state: string): HostFile {
  if (statSync(state, { throwIfNoEntry: false })?.isFile()) return hostFile(state);
  const running = hostFiles(state).filter(({ isRunning }) => isRunning);
  const [only, ...others] = running;
  if (only === undefined)
    throw new CommandError(
      `No local host with the state folder ${shown(state)} is running: start one with npm start.`,
    );
  if (others.length === 0) return only;
  const files = running.map(({ file, endpoints }) => `${shown(file)} (${endpoints['api']})`);
  throw new CommandError(`Several local hosts are running: choose one with --state ${files.join(' or ')}.`);
}

const shown = (path: string): string => relative(process.cwd(), path) || '.';
