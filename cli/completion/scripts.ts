import { COMMON_OPTIONS, type Command } from '../command.ts';

type Commands = readonly Command[];

const optionsOf = ({ options }: Command) => Object.entries({ ...options, ...COMMON_OPTIONS });
const flagsOf = (command: Command): string[] => optionsOf(command).map(([name]) => `--${name}`);

/** The first words of commands, and the second words of those that have two. */
function wordsOf(commands: Commands): Map<string, string[]> {
  const words = new Map<string, string[]>();
  for (const { name } of commands) {
    const [first = '', second] = name.split(' ');
    words.set(first, [...(words.get(first) ?? []), ...(second === undefined ? [] : [second])]);
  }
  return words;
}
const groupsOf = (commands: Commands) => [...wordsOf(commands)].filter(([, seconds]) => seconds.length > 0);

/** A completion script for bash. Without a match it completes file names. */
export function bashScript(commands: Commands): string {
  const words = wordsOf(commands);
  const groups = groupsOf(commands).map(
    ([first, seconds]) => `      ${first}) words='${seconds.join(' ')}' ;;`,
  );
  const options = commands.map((command) => {
    const pattern = command.name.includes(' ') ? `'${command.name}'` : `'${command.name} '*`;
    return `      ${pattern}) words='${flagsOf(command).join(' ')}' ;;`;
  });
  return `# bash completion of supply-points
_supply_points() {
  local current="\${COMP_WORDS[COMP_CWORD]}" words=''
  if [ "$COMP_CWORD" -eq 1 ]; then
    words='${[...words.keys(), '--help', '--version'].join(' ')}'
  else
    if [ "$COMP_CWORD" -eq 2 ]; then case "\${COMP_WORDS[1]}" in
${groups.join('\n')}
    esac; fi
    if [ "\${current:0:1}" = - ]; then case "\${COMP_WORDS[1]} \${COMP_WORDS[2]}" in
${options.join('\n')}
    esac; fi
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _supply_points supply-points
`;
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
/** A match and its description, as zsh's _describe reads them. */
const described = (match: string, description: string): string =>
  quoted(`${match.replaceAll(':', '\\:')}:${description}`);

/** A completion script for zsh. */
export function zshScript(commands: Commands): string {
  const words = [...wordsOf(commands)].map(([first, seconds]) =>
    described(first, commands.find(({ name }) => name === first)?.summary ?? seconds.join(', ')),
  );
  const groups = groupsOf(commands).map(([first, seconds]) => {
    const lines = seconds.map((second) =>
      described(second, commands.find(({ name }) => name === `${first} ${second}`)!.summary),
    );
    return `      ${first}) found=(${lines.join(' ')}) ;;`;
  });
  const options = commands.map((command) => {
    const lines = optionsOf(command).map(([name, { description }]) => described(`--${name}`, description));
    const pattern = command.name.includes(' ') ? quoted(command.name) : `${quoted(`${command.name} `)}*`;
    return `      ${pattern}) found=(${lines.join(' ')}) ;;`;
  });
  return `#compdef supply-points
_supply_points() {
  local -a found
  if (( CURRENT == 2 )); then
    found=(${words.join(' ')})
  else
    if (( CURRENT == 3 )); then case "$words[2]" in
${groups.join('\n')}
    esac; fi
    if [[ "$words[CURRENT]" == -* ]]; then case "$words[2] $words[3]" in
${options.join('\n')}
    esac; fi
  fi
  if (( $#found )); then _describe 'supply-points' found; else _files; fi
}
compdef _supply_points supply-points
`;
}

const fishQuoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

/** A completion script for fish. */
export function fishScript(commands: Commands): string {
  const line = (condition: string, rest: string) =>
    `complete -c supply-points -n ${fishQuoted(condition)} ${rest}`;
  const words = [...wordsOf(commands)].map(([first, seconds]) => {
    const summary = commands.find(({ name }) => name === first)?.summary ?? seconds.join(', ');
    return line('__fish_use_subcommand', `-f -a ${first} -d ${fishQuoted(summary)}`);
  });
  const groups = groupsOf(commands).flatMap(([first, seconds]) =>
    seconds.map((second) => {
      const { summary } = commands.find(({ name }) => name === `${first} ${second}`)!;
      const isNext = `__fish_seen_subcommand_from ${first}; and not __fish_seen_subcommand_from ${seconds.join(' ')}`;
      return line(isNext, `-f -a ${second} -d ${fishQuoted(summary)}`);
    }),
  );
  const options = commands.flatMap((command) => {
    const seen = command.name.split(' ').map((word) => `__fish_seen_subcommand_from ${word}`);
    return optionsOf(command).map(([name, { short, type, description }]) =>
      line(
        seen.join('; and '),
        `-l ${name}${short === undefined ? '' : ` -s ${short}`}${type === 'string' ? ' -r' : ''} -d ${fishQuoted(description)}`,
      ),
    );
  });
  return `# fish completion of supply-points\n${[...words, ...groups, ...options].join('\n')}\n`;
}
