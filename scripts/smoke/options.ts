import { ArgumentError, readArguments } from '../command/command.ts';
import { localEndpoints, STATE_FOLDER_DEFAULT } from '../command/local-host.ts';
import { NOT_CHECKED } from './checks.ts';
import type { CallerOptions } from './inputs.ts';

export const USAGE = `npm run smoke [-- options]

Compares a service's responses with the contract, and prints a line for each check: the guide's flow (validate, create,
status, create again, dry run), both forms of each path, and each rejection. Exits with 1 if any response differs.
Not checked: ${NOT_CHECKED}.

Each run creates two supply points and a dry run with new identifiers (S and nine random letters), which remain.
--creates-nothing prevents that.

  --url URL                the service, with its stage if it has one: https://…/staging. Default: the running local host
  --token KEY              a token that may import for both suppliers; or SMOKE_TOKEN
  --viewer-token KEY       a viewer's token; or SMOKE_VIEWER_TOKEN. Without it its checks are skipped
  --supplier CODE          an open import supplier (TEST_SUPPLIER)
  --closed-supplier CODE   a closed import supplier (CLOSED_SUPPLIER); if empty, its checks are skipped
  --scenarios              the open supplier follows examples/test-supplier-scenarios.json, as on a local host: also checks
                           429 and 503. With --url and without this option these checks are skipped
  --wait SECONDS           the longest that an import may take (60)
  --state PATH             the local host's folder (.local), or its file there if several run
  --creates-nothing        skips the checks that create something: for a service with real data
  --list                   prints the names of the checks and sends nothing
  --help                   prints this`;

export type SmokeOptions = {
  url: string;
  caller: CallerOptions;
  waitMs: number;
  /** Skips the checks that store something. */
  createsNothing: boolean;
};

const WAIT_SECONDS_MAX = 3600;

/** Reads a command's arguments. @throws ArgumentError */
export function readOptions(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): 'list' | SmokeOptions {
  const values = read(args);
  if (values.list) return 'list';
  const seconds = /^\d+$/.test(values.wait) ? Number(values.wait) : Number.NaN;
  if (!(seconds <= WAIT_SECONDS_MAX)) {
    throw new ArgumentError(
      `--wait must be a number of seconds up to ${WAIT_SECONDS_MAX}, not ${values.wait}.`,
    );
  }
  const tokens = {
    token: values.token ?? (env['SMOKE_TOKEN'] || undefined),
    viewerToken: values['viewer-token'] ?? (env['SMOKE_VIEWER_TOKEN'] || undefined),
  };
  const { url, token, viewerToken } =
    values.url === undefined ? localService(values.state, tokens) : { url: urlOf(values.url), ...tokens };
  const hasScenarios = values.scenarios || values.url === undefined;
  if (!token) throw new ArgumentError('--url needs the key of a token: --token or SMOKE_TOKEN.');
  const { supplier, 'closed-supplier': closed } = values;
  const closedSupplier = closed === '' ? undefined : closed;
  return {
    url,
    caller: { token, viewerToken, supplier, closedSupplier, hasScenarios },
    waitMs: seconds * 1000,
    createsNothing: values['creates-nothing'],
  };
}

function localService(
  stateFolder: string,
  tokens: { token: string | undefined; viewerToken: string | undefined },
) {
  const { api, token, viewerToken } = localEndpoints(stateFolder);
  return { url: api, token: tokens.token ?? token, viewerToken: tokens.viewerToken ?? viewerToken };
}

function urlOf(text: string): string {
  const url = URL.parse(text);
  if (url !== null && /^https?:$/.test(url.protocol) && url.search === '' && url.hash === '') return text;
  throw new ArgumentError(
    `--url must be a URL such as http://127.0.0.1:3000 or https://…/staging, not ${JSON.stringify(text)}.`,
  );
}

const read = (args: readonly string[]) =>
  readArguments(args, {
    options: {
      url: { type: 'string' },
      token: { type: 'string' },
      'viewer-token': { type: 'string' },
      supplier: { type: 'string', default: 'TEST_SUPPLIER' },
      'closed-supplier': { type: 'string', default: 'CLOSED_SUPPLIER' },
      scenarios: { type: 'boolean', default: false },
      wait: { type: 'string', default: '60' },
      state: { type: 'string', default: STATE_FOLDER_DEFAULT },
      list: { type: 'boolean', default: false },
      'creates-nothing': { type: 'boolean', default: false },
    },
  }).values;
