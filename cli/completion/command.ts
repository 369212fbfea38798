import { type Command, EXIT, type Invocation, UsageError } from '../command.ts';
import { bashScript, fishScript, zshScript } from './scripts.ts';

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript } as const;
const SHELLS = Object.keys(SCRIPTS).join(', ');

/** `supply-points completion SHELL` */
export const completion: Command = {
  name: 'completion',
  argument: { name: 'SHELL', min: 1, max: 1 },
  summary: `Prints the script that completes commands and options (${SHELLS}).`,
  description: `bash: source <(supply-points completion bash)
zsh:  source <(supply-points completion zsh), after compinit
fish: supply-points completion fish | source`,
  options: {},
  isCaptured: true,
  async run({ positionals: [shell = ''], commands }: Invocation) {
    const script = Object.hasOwn(SCRIPTS, shell) ? SCRIPTS[shell as keyof typeof SCRIPTS] : undefined;
    if (script === undefined)
      throw new UsageError(`completion needs one of ${SHELLS}, not ${JSON.stringify(shell)}.`);
    process.stdout.write(script(await commands()));
    return EXIT.ok;
  },
};
