import { join, relative } from 'node:path';
import * as v from 'valibot';
import { readEndpoints } from '../../infra/local/state-folder.ts';
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

/** What the local host of a state folder wrote down of itself; it need not run any more. @throws WrongUse */
export function localEndpoints(stateFolder: string): LocalEndpoints {
  const found = v.safeParse(LocalEndpoints, readEndpoints(stateFolder));
  if (found.success) return found.output;
  const folder = relative(process.cwd(), stateFolder) || '.';
  throw new WrongUse(`There is no endpoints.json of a local host in ${folder}: start one with npm start.`);
}
