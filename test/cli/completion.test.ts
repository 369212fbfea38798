import { spawnSync } from 'node:child_process';
import { afterAll, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../cli/commands.ts';
import { bashScript, fishScript, zshScript } from '../../cli/completion/scripts.ts';
import { MORE_COMMANDS } from '../../cli/more-commands.ts';
import { builtCli } from '../support/cli.ts';

const cli = await builtCli();
afterAll(() => cli.remove());

const commands = [...COMMANDS, ...MORE_COMMANDS];

/** What bash completes the last word of a line to. */
function completions(line: string): string[] {
  const words = line.split(' ').map((word) => `'${word}'`);
  const program = `${bashScript(commands)}
COMP_WORDS=(${words.join(' ')}); COMP_CWORD=${words.length - 1}; _supply_points; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync('bash', ['-c', program], { encoding: 'utf8' });
  expect(stderr).toBe('');
  return stdout.split('\n').filter(Boolean);
}

describe('completion', () => {
  it.each([
    ['supply-points va', ['validate']],
    ['supply-points token r', ['rotate', 'revoke']],
    ['supply-points validate --es', ['--estimate']],
    ['supply-points validate one.csv two.csv --ou', ['--out']],
    ['supply-points token rotate --old', ['--old-until']],
    ['supply-points validate on', []],
  ])('of "%s" in bash is %j', (line, expected) => {
    expect(completions(line)).toEqual(expected);
  });

  it.each([
    ['zsh', zshScript(commands), (option: string) => `'--${option}:`],
    ['fish', fishScript(commands), (option: string) => ` -l ${option} `],
  ])('in %s has each command and option', (_, script, written) => {
    for (const { name, options } of commands) {
      for (const word of name.split(' ')) expect(script).toContain(word);
      for (const option of Object.keys(options)) expect(script).toContain(written(option));
    }
  });

  it('prints a script, and refuses other shells', async () => {
    expect((await cli.run(['completion', 'bash'])).stdout).toBe(bashScript(commands));
    expect((await cli.run(['completion', 'csh'])).exitCode).toBe(2);
  });
});
