import type { TokenBody } from '../../shared/api/admin-schemas.ts';
import type { Role } from '../../shared/suppliers/tokens.ts';
import { type Command, EXIT, type Invocation, SERVICE_OPTIONS, UsageError, type Values } from '../command.ts';
import { serviceOf } from '../supplier.ts';
import { changed, takesEffect } from './changed.ts';

const ID = { name: 'ID', min: 1, max: 1 };
const TIMES =
  'A time is a date, or such as 2027-06-30T18:00:00+10:00; without an offset in the environment’s zone.';
const EXPIRES = { type: 'string', value: 'TIME' } as const;

const list: Command = {
  name: 'token list',
  summary: 'Lists the tokens without their keys (administrators only).',
  options: SERVICE_OPTIONS,
  async run({ values, terminal }) {
    const api = serviceOf(values);
    const tokens: TokenBody[] = [];
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page = await api.get('tokens-list', { query: { cursor } });
      tokens.push(...page.results);
      cursor = page.next_cursor;
    }
    if (terminal.isJson) terminal.table(tokens, ['id']);
    else terminal.table(tokens.map(rowOf), TOKEN_COLUMNS);
    return EXIT.ok;
  },
};
const TOKEN_COLUMNS = [
  'id',
  'state',
  'role',
  'created',
  'last_used',
  'expires',
  'name',
  'suppliers',
] as const;
const day = (time: string | null): string => time?.slice(0, 10) ?? '-';
const rowOf = ({ id, state, role, name, suppliers, is_own, ...times }: TokenBody) => ({
  id: is_own ? `${id} (yours)` : id,
  state,
  role,
  created: day(times.created_at),
  last_used: times.last_used_on ?? '-',
  expires: day(times.expires_at),
  name,
  suppliers: suppliers.join(','),
});

const create: Command = {
  name: 'token create',
  isCaptured: true,
  summary: 'Creates a token (administrators only). Its key, alone on standard output, is shown only once.',
  description: `An operator’s token is for every supplier, including later ones, unless --supplier names some. ${TIMES}`,
  options: {
    ...SERVICE_OPTIONS,
    name: { type: 'string', value: 'WHO', description: 'the name of its holder' },
    role: { type: 'string', value: 'ROLE', description: 'viewer, importer or operator' },
    supplier: {
      type: 'string',
      value: 'CODE',
      multiple: true,
      description: 'an import supplier; may be repeated',
    },
    expires: { ...EXPIRES, description: 'when it expires (never)' },
  },
  async run({ values, terminal }) {
    const suppliers = values['supplier'] as string[] | undefined;
    const body = {
      name: required(values, 'name'),
      role: required(values, 'role') as Role,
      ...(suppliers && { suppliers }),
      ...time(values, 'expires', 'expires_at'),
    };
    const created = await changed(values, 'tokens-create', { body });
    return shown(terminal, values, created, textOf(created.token));
  },
};

const rotate: Command = {
  name: 'token rotate',
  isCaptured: true,
  argument: ID,
  summary: 'Creates a token with the same rights, and ends the old one (administrators only).',
  description: `The key is alone on standard output, only once. ${TIMES}`,
  options: {
    ...SERVICE_OPTIONS,
    expires: { ...EXPIRES, description: 'when the new token expires (when the old one would have)' },
    'old-until': { ...EXPIRES, description: 'when the old token ends (at once)' },
  },
  async run({ values, positionals, terminal }) {
    const body = { ...time(values, 'expires', 'expires_at'), ...time(values, 'old-until', 'old_until') };
    const parameters = { token: positionals[0]! };
    const rotated = await changed(values, 'tokens-rotate', { parameters, body });
    const { old } = rotated;
    const end =
      old.state === 'revoked' ? `is revoked. ${takesEffect(rotated)}` : `is valid until ${old.expires_at}.`;
    return shown(terminal, values, rotated, `${textOf(rotated.token)}\nThe old one, ${old.id}, ${end}`);
  },
};

const revoke: Command = {
  name: 'token revoke',
  argument: ID,
  summary: 'Revokes a token, such as one whose key has leaked (administrators only).',
  options: {
    ...SERVICE_OPTIONS,
    'even-if-last': {
      type: 'boolean',
      description:
        'even the last valid token of an administrator: others can then be created only with AWS credentials',
    },
  },
  async run({ values, positionals, terminal }) {
    const body = { even_if_last: values['even-if-last'] === true };
    const token = await changed(values, 'tokens-revoke', { parameters: { token: positionals[0]! }, body });
    terminal.data(token, `${token.id} (${token.name}) is revoked. ${takesEffect(token)}`);
    return EXIT.ok;
  },
};

export const TOKEN_COMMANDS: readonly Command[] = [list, create, rotate, revoke];

/** Writes a key alone to standard output, and the rest to standard error, so that a script can capture the key; with `--json` all of it. */
function shown(
  terminal: Invocation['terminal'],
  values: Values,
  created: { key: string },
  text: string,
): number {
  if (values['json'] === true) terminal.data(created, created.key);
  else {
    terminal.note(`${text}\nIts key is shown only now, and is not stored:`);
    process.stdout.write(`${created.key}\n`);
  }
  return EXIT.ok;
}

const textOf = ({ id, role, suppliers, expires_at }: TokenBody): string =>
  `${id}: ${role} of ${suppliers.includes('*') ? 'every supplier' : suppliers.join(', ')}, ${expires_at === null ? 'does not expire' : `until ${expires_at}`}.`;

/** @throws UsageError */
function required(values: Values, name: string): string {
  const value = values[name];
  if (typeof value === 'string') return value;
  throw new UsageError(`token create needs --${name}.`);
}

const time = <Field extends string>(values: Values, option: string, field: Field) =>
  (values[option] === undefined ? {} : { [field]: values[option] }) as Partial<Record<Field, string>>;
