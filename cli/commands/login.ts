import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { type Command, EXIT, type Invocation, UsageError } from '../command.ts';
import { environmentsFile, saveEnvironment, serviceUrl } from '../environments.ts';
import { refused, service } from '../service.ts';

/** `supply-points login`: stores a service's address and a token. */
export const login: Command = {
  name: 'login',
  summary: 'Stores the address of a service and a token for it, in a file that only you can read.',
  description: `The token is read from SUPPLY_POINTS_TOKEN, from standard input, or from a prompt; never from an argument, which other users of the machine could see.
The token is checked before it is stored.`,
  options: {
    url: {
      type: 'string',
      value: 'URL',
      description: 'the service, with its stage if it has one: https://…/staging',
    },
    name: { type: 'string', value: 'NAME', description: 'the name of the environment (the URL’s host)' },
  },
  async run({ values, terminal }: Invocation) {
    const url = urlOf(values['url']);
    const token = (await readToken()).trim();
    if (token === '') throw new UsageError('The token is empty.');
    const api = service({ url, token }, { attemptsMax: 3 });
    const reply = await api.call('me');
    if (reply.status !== 200) throw refused(reply, api.host);
    const name = (values['name'] as string | undefined) ?? api.host;
    saveEnvironment(name, { url, token });
    terminal.data(
      { name, url, ...reply.body },
      `Logged in to ${name} as ${reply.body.role}. The token is in ${environmentsFile()}.\nnext: supply-points whoami`,
    );
    return EXIT.ok;
  },
};

function urlOf(value: unknown): string {
  if (value === undefined) throw new UsageError('login needs --url, such as --url http://127.0.0.1:3000.');
  return serviceUrl(String(value));
}

async function readToken(): Promise<string> {
  const fromVariable = process.env['SUPPLY_POINTS_TOKEN'];
  if (fromVariable) return fromVariable;
  if (!process.stdin.isTTY) return text(process.stdin);
  // What is typed is not shown.
  const output = new Writable({ write: (_chunk, _encoding, done) => done() });
  process.stderr.write('Token: ');
  const prompt = createInterface({ input: process.stdin, output, terminal: true });
  try {
    return await prompt.question('');
  } finally {
    prompt.close();
    process.stderr.write('\n');
  }
}
