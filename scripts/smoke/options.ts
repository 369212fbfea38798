import { readArguments, WrongArguments } from '../command/command.ts';
import { localEndpoints, STATE_FOLDER_DEFAULT } from '../command/local-host.ts';
import { NOT_CHECKED } from './checks.ts';
import type { Asked } from './given.ts';

export const USAGE = `npm run smoke [-- options]

Asks a service for every answer of the contract, and says in a line each what differs: the guide's flow (validate, create,
status, create again, dry run), both forms of each path, and each refusal. Exit code 1 where anything differs.
Not asked for: ${NOT_CHECKED}.

Each run creates two supply points and a dry run under identifiers of its own, S and nine random letters: they stay,
unless it is told to create nothing.

  --url URL                with the stage, where there is one: https://…/staging. Otherwise: the local host that runs
  --token KEY              of a token that may import for both suppliers; or in SMOKE_TOKEN
  --viewer-token KEY       of one that may only look; or in SMOKE_VIEWER_TOKEN. Without it its checks are skipped
  --supplier CODE          an open import supplier (TEST_SUPPLIER)
  --closed-supplier CODE   a closed one (CLOSED_SUPPLIER); empty: its checks are skipped
  --scenarios              the open supplier follows examples/test-supplier-scenarios.json, as a local host's does: asks for
                           429 and 503 as well. Without it, and with --url, these checks are skipped
  --wait SECONDS           how long an import may take (60)
  --state PATH             the local host's folder (.local), or its file there where several run
  --creates-nothing        leaves out what would create something: for a service whose data is real
  --list                   prints what is checked, and asks nothing
  --help                   prints this`;

export type SmokeOptions = {
  url: string;
  asked: Asked;
  waitMs: number;
  /** Only checks that store nothing. */
  createsNothing: boolean;
};

const WAIT_SECONDS_MAX = 3600;

/** Reads a command's arguments. @throws WrongArguments */
export function readOptions(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): 'list' | SmokeOptions {
  const values = read(args);
  if (values.list) return 'list';
  const seconds = /^\d+$/.test(values.wait) ? Number(values.wait) : Number.NaN;
  if (!(seconds <= WAIT_SECONDS_MAX)) {
    throw new WrongArguments(
      `--wait must be a number of seconds up to ${WAIT_SECONDS_MAX}, not ${values.wait}.`,
    );
  }
  const given = {
    token: values.token ?? (env['SMOKE_TOKEN'] || undefined),
    viewerToken: values['viewer-token'] ?? (env['SMOKE_VIEWER_TOKEN'] || undefined),
  };
  const { url, token, viewerToken } =
    values.url === undefined ? local(values.state, given) : { url: urlOf(values.url), ...given };
  const hasScenarios = values.scenarios || values.url === undefined;
  if (!token) throw new WrongArguments('--url needs the key of a token: --token or SMOKE_TOKEN.');
  const { supplier, 'closed-supplier': closed } = values;
  const closedSupplier = closed === '' ? undefined : closed;
  return {
    url,
    asked: { token, viewerToken, supplier, closedSupplier, hasScenarios },
    waitMs: seconds * 1000,
    createsNothing: values['creates-nothing'],
  };
}

function local(stateFolder: string, given: { token: string | undefined; viewerToken: string | undefined }) {
  const { api, token, viewerToken } = localEndpoints(stateFolder);
  return { url: api, token: given.token ?? token, viewerToken: given.viewerToken ?? viewerToken };
}

function urlOf(text: string): string {
  const url = URL.parse(text);
  if (url !== null && /^https?:$/.test(url.protocol) && url.search === '' && url.hash === '') return text;
  throw new WrongArguments(
    `--url must be such as http://127.0.0.1:3000 or https://…/staging, not ${JSON.stringify(text)}.`,
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
