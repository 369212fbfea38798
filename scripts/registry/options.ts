import { readArguments, WrongArguments } from '../command/command.ts';
import { STATE_FOLDER_DEFAULT } from '../command/local-host.ts';
import type { Target } from './target.ts';

export const USAGE = `npm run registry -- <command> [options]

  suppliers list
  suppliers add CODE [--closed]   registers an import supplier, whose migration is open unless --closed
  suppliers open CODE
  suppliers close CODE            its imports are refused from then on; suppliers are never removed
  suppliers ignore-unknown-columns CODE
                                  takes dropped CSV files with columns that no field is named by, and ignores these
  suppliers refuse-unknown-columns CODE
                                  refuses them again, as at first
  tokens list                     with the last day of use (UTC), never with keys: they are kept nowhere
  tokens add --name WHO --role viewer|importer|operator --suppliers A,B [--expires 2027-01-31]
                                  writes the key to standard output, this once, and the rest to standard error; an operator's
                                  token is for every supplier, also those added later, unless --suppliers names some
  tokens revoke --id 0123456789ab
  tokens rotate --id 0123456789ab [--expires 2028-01-31] [--old-until 2027-02-07]
                                  a new key for the same holder; the old one is revoked, or works until then
  scenarios show CODE             the rules by which a supplier's imports rehearse failures, as JSON
  scenarios set CODE --file F     has them follow the rules in a file; the README says what a rule is
  scenarios clear CODE

  --table NAME      a deployed environment's registry table: its stack's output RegistryTable. Region and
                    credentials are those that the AWS SDK finds. Otherwise: the local host that runs
  --state PATH      the local host's folder (.local), or its file there where several run
  --help            says this

A date means its first moment in UTC; a time needs its offset, as in 2027-01-31T18:00:00+11:00.
What is closed or revoked counts once the authorizer's remembered answers are old: in dev within 5 seconds,
elsewhere 30. Scenarios count within 15 seconds, and only where the environment's row allows them.`;

/** What was asked for. Options are as they were typed. */
export type Command = {
  name: string;
  target: Target;
  code: string;
  isClosed: boolean;
  /** Each of them is there where the command needs it. */
  required: Readonly<Record<'name' | 'role' | 'suppliers' | 'id' | 'file', string>>;
  expires: string | undefined;
  oldUntil: string | undefined;
};

type OptionName = 'closed' | 'name' | 'role' | 'suppliers' | 'id' | 'expires' | 'old-until' | 'file';
type Shape = { needs: readonly (OptionName | 'CODE')[]; may?: readonly OptionName[] };

const COMMANDS: Readonly<Record<string, Shape>> = {
  'suppliers list': { needs: [] },
  'suppliers add': { needs: ['CODE'], may: ['closed'] },
  'suppliers open': { needs: ['CODE'] },
  'suppliers close': { needs: ['CODE'] },
  'suppliers ignore-unknown-columns': { needs: ['CODE'] },
  'suppliers refuse-unknown-columns': { needs: ['CODE'] },
  'tokens list': { needs: [] },
  'tokens add': { needs: ['name', 'role'], may: ['suppliers', 'expires'] },
  'tokens revoke': { needs: ['id'] },
  'tokens rotate': { needs: ['id'], may: ['expires', 'old-until'] },
  'scenarios show': { needs: ['CODE'] },
  'scenarios set': { needs: ['CODE', 'file'] },
  'scenarios clear': { needs: ['CODE'] },
};

/** Reads a command's arguments. @throws WrongArguments */
export function readCommand(args: readonly string[]): Command {
  const { values, positionals } = read(args);
  const [area = '', action = '', code, ...rest] = positionals;
  const name = `${area} ${action}`.trim();
  const shape = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (shape === undefined) {
    const known = Object.keys(COMMANDS).join(', ');
    throw new WrongArguments(`There is no command ${JSON.stringify(name)}; there are: ${known}.`);
  }
  mustFit(name, shape, { ...values, CODE: code }, rest);
  if (values.table === '') throw new WrongArguments('--table must name a table.');
  const { name: holder = '', role = '', suppliers = '', id = '', file = '' } = values;
  return {
    name,
    target: values.table === undefined ? { stateFolder: values.state } : { table: values.table },
    code: code ?? '',
    isClosed: values.closed ?? false,
    required: { name: holder, role, suppliers, id, file },
    expires: values.expires,
    oldUntil: values['old-until'],
  };
}

function mustFit(
  name: string,
  { needs, may = [] }: Shape,
  given: Readonly<Record<string, unknown>>,
  rest: readonly string[],
): void {
  const said = (option: string): string => (option === 'CODE' ? 'a CODE' : `--${option}`);
  const missing = needs.filter((option) => given[option] === undefined);
  if (missing.length > 0) throw new WrongArguments(`${name} needs ${missing.map(said).join(', ')}.`);
  const fitting = new Set<string>([...needs, ...may, 'table', 'state']);
  const odd = Object.keys(given).filter((option) => given[option] !== undefined && !fitting.has(option));
  if (odd.length > 0)
    throw new WrongArguments(`${name} takes no ${odd.map(said).join(', ').replace('a CODE', 'CODE')}.`);
  if (rest.length > 0) throw new WrongArguments(`${name} does not know what ${JSON.stringify(rest[0])} is.`);
}

const read = (args: readonly string[]) =>
  readArguments(args, {
    allowPositionals: true,
    options: {
      table: { type: 'string' },
      state: { type: 'string', default: STATE_FOLDER_DEFAULT },
      closed: { type: 'boolean' },
      name: { type: 'string' },
      role: { type: 'string' },
      suppliers: { type: 'string' },
      id: { type: 'string' },
      expires: { type: 'string' },
      'old-until': { type: 'string' },
      file: { type: 'string' },
    },
  });
