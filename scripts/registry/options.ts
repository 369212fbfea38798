import { ArgumentError, readArguments } from '../command/command.ts';
import { STATE_FOLDER_DEFAULT } from '../command/local-host.ts';
import type { Target } from './target.ts';

export const USAGE = `npm run registry -- <command> [options]

  suppliers list
  suppliers add CODE [--closed]   registers an import supplier; its migration is open unless --closed is given
  suppliers open CODE
  suppliers close CODE            rejects its imports from now on; suppliers cannot be removed
  suppliers ignore-unknown-columns CODE
                                  ignores columns of dropped CSV files that match no field
  suppliers refuse-unknown-columns CODE
                                  rejects CSV files with such columns, which is the default
  tokens list                     with the last day of use (UTC), without keys, which are not stored
  tokens add --name WHO --role viewer|importer|operator --suppliers A,B [--expires 2027-01-31]
                                  writes the key to standard output, only this once, and the rest to standard error; an
                                  operator's token is valid for every supplier, including later ones, unless --suppliers
                                  names some
  tokens revoke --id 0123456789ab
  tokens rotate --id 0123456789ab [--expires 2028-01-31] [--old-until 2027-02-07]
                                  creates a new key for the same holder; revokes the old one, or has it expire at --old-until
  scenarios show CODE             prints a supplier's scenarios as JSON
  scenarios set CODE --file F     replaces them by the rules in a file, whose format the README describes
  scenarios clear CODE

  --table NAME      the registry table of a deployed environment: its stack's output RegistryTable. The AWS SDK finds
                    region and credentials. Without it the running local host is used
  --state PATH      the local host's folder (.local), or its file there when several hosts run
  --help            prints this

A date means midnight in UTC. A time needs an offset, as in 2027-01-31T18:00:00+11:00.
The authorizer notices a closed supplier or a revoked token when its cache expires: after 5 seconds in dev, after 30
elsewhere. Scenarios take effect within 15 seconds, and only in environments that allow them.`;

/** A parsed command. Options have the text that was typed. */
export type Command = {
  name: string;
  target: Target;
  code: string;
  isClosed: boolean;
  /** Those that the command needs are set; the others are empty. */
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

/** Parses the arguments of a command. @throws ArgumentError */
export function readCommand(args: readonly string[]): Command {
  const { values, positionals } = read(args);
  const [area = '', action = '', code, ...rest] = positionals;
  const name = `${area} ${action}`.trim();
  const shape = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (shape === undefined) {
    const known = Object.keys(COMMANDS).join(', ');
    throw new ArgumentError(`There is no command ${JSON.stringify(name)}. The commands are: ${known}.`);
  }
  checkOptions(name, shape, { ...values, CODE: code }, rest);
  if (values.table === '') throw new ArgumentError('--table must name a table.');
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

/** @throws ArgumentError for a missing option, and for one that the command does not have */
function checkOptions(
  name: string,
  { needs, may = [] }: Shape,
  given: Readonly<Record<string, unknown>>,
  rest: readonly string[],
): void {
  const optionText = (option: string): string => (option === 'CODE' ? 'a CODE' : `--${option}`);
  const missing = needs.filter((option) => given[option] === undefined);
  if (missing.length > 0) throw new ArgumentError(`${name} needs ${missing.map(optionText).join(', ')}.`);
  const allowed = new Set<string>([...needs, ...may, 'table', 'state']);
  const unexpected = Object.keys(given).filter(
    (option) => given[option] !== undefined && !allowed.has(option),
  );
  if (unexpected.length > 0)
    throw new ArgumentError(
      `${name} takes no ${unexpected.map(optionText).join(', ').replace('a CODE', 'CODE')}.`,
    );
  if (rest.length > 0) throw new ArgumentError(`${name} takes no argument ${JSON.stringify(rest[0])}.`);
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
