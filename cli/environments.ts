import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import * as v from 'valibot';
import { CliError, EXIT, UsageError } from './command.ts';

/** A service and the token to use it with. */
export type CliEnvironment = { url: string; token: string };

const Environments = v.object({
  last: v.string(),
  environments: v.record(v.string(), v.object({ url: v.string(), token: v.string() })),
});
type Environments = v.InferOutput<typeof Environments>;

/** Returns the URL of a service, without slashes at its end. @throws UsageError for other text, and where the token would be sent unencrypted */
export function serviceUrl(text: string, option = '--url'): string {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '')
    throw new UsageError(`${option} must be a URL such as https://…/staging, not ${JSON.stringify(text)}.`);
  const isLocal = ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname);
  if (url.protocol === 'http:' && !isLocal)
    throw new UsageError(`${url.host} would get the token unencrypted: use https. Nothing was done.`);
  return url.href.replace(/\/+$/, '');
}

/** The file of tokens, which only the user may read: `$XDG_CONFIG_HOME/supply-points.json`. */
export const environmentsFile = (env: Readonly<Record<string, string | undefined>> = process.env): string =>
  env['SUPPLY_POINTS_CONFIG'] ??
  join(env['XDG_CONFIG_HOME'] || join(homedir(), '.config'), 'supply-points.json');

/**
 * Returns the environment of this name, or the last one used. The variables SUPPLY_POINTS_URL and SUPPLY_POINTS_TOKEN take precedence.
 *
 * @throws CliError if there is none
 */
export function environmentNamed(name: string | undefined): CliEnvironment {
  const { SUPPLY_POINTS_URL: url, SUPPLY_POINTS_TOKEN: token } = process.env;
  if (name === undefined && url && token) return { url, token };
  const { last, environments } = read();
  const found = environments[name ?? last];
  if (found !== undefined) return found;
  const known = Object.keys(environments);
  throw new CliError(
    name === undefined
      ? 'No service is known yet.'
      : `There is no environment ${name}${known.length > 0 ? `; there are ${known.join(', ')}` : ''}.`,
    { exitCode: EXIT.wrongUse, next: 'supply-points login --url URL' },
  );
}

/** Adds or replaces an environment, and makes it the last one used. */
export function saveEnvironment(name: string, environment: CliEnvironment): void {
  const file = environmentsFile();
  const { environments } = read();
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const text = JSON.stringify(
    { last: name, environments: { ...environments, [name]: environment } },
    null,
    2,
  );
  // Written beside and renamed, so that a kill leaves the old file or the new one.
  const temporary = `${file}.${process.pid}`;
  writeFileSync(temporary, `${text}\n`, { mode: 0o600 });
  chmodSync(temporary, 0o600);
  renameSync(temporary, file);
}

function read(): Environments {
  const file = environmentsFile();
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { last: '', environments: {} };
    throw new CliError(`${file} cannot be read: ${(error as Error).message}`);
  }
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), Environments), text);
  if (parsed.success) return parsed.output;
  throw new CliError(`${file} is damaged. Delete it and log in again.`, {
    next: 'supply-points login --url URL',
  });
}
