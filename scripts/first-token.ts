// `npm run first-token`: creates an administrator's token with AWS credentials, because the API creates tokens only for administrators.
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as v from 'valibot';
import { EnvironmentError, stackNameOf } from '../infra/environment.ts';
import { environmentNamed } from '../infra/environments.ts';
import { registry } from '../shared/suppliers/registry.ts';
import { createToken } from '../shared/suppliers/token-changes.ts';
import { EVERY_SUPPLIER, isAdministrator, isValidAt, Token, tokenId } from '../shared/suppliers/tokens.ts';
import { clientsFor } from './account-checks/clients.ts';
import { outputsOf } from './account-checks/deployed.ts';
import { awsProblem } from './command/aws.ts';
import { ArgumentError, CommandError, main, readArguments } from './command/command.ts';

const USAGE = `npm run first-token -- --env NAME --name WHO

Creates a token of an operator of every supplier in a deployed environment, who can then create all others with \`supply-points token create\`.
Writes its key to standard output, only this once, and the rest to standard error: KEY=$(npm run -s first-token -- …). For the first token, and when no administrator is left.

  --env NAME    the environment, as for \`npx cdk deploy\`
  --name WHO    the name of the token's holder
  --help        prints this

The AWS SDK finds the credentials. They need cloudformation:DescribeStacks on the stack, and dynamodb:Query and dynamodb:PutItem on the table of
its output RegistryTable.`;

type Options = { env: string; name: string };

/** Reads the command's arguments. @throws ArgumentError */
function readOptions(args: readonly string[]): Options {
  const { values } = readArguments(args, { options: { env: { type: 'string' }, name: { type: 'string' } } });
  if (values.env === undefined) throw new ArgumentError('--env must name an environment.');
  const name = values.name?.trim() ?? '';
  if (name === '' || !v.is(Token.entries.name, name))
    throw new ArgumentError('--name must be the name of the holder, of 1 to 128 characters.');
  return { env: values.env, name };
}

/** Creates the token. Returns its key, and what to tell about it. @throws CommandError */
async function firstToken({ env, name }: Options, now: number): Promise<{ key: string; summary: string }> {
  const environment = environmentNamed(env);
  const { cloudFormation, dynamoDB } = clientsFor(environment);
  try {
    const table = (await outputsOf(cloudFormation, stackNameOf(environment))).get('RegistryTable');
    if (table === undefined)
      throw new CommandError(`The stack of ${env} has no output RegistryTable: deploy it.`);
    const registered = registry(DynamoDBDocumentClient.from(dynamoDB), table);
    const others = (await registered.tokens()).filter(
      (token) => isAdministrator(token) && isValidAt(token, now),
    );
    const properties = { name, role: 'operator' as const, suppliers: [EVERY_SUPPLIER] };
    const { key, token } = await createToken(registered, properties, now);
    const known = others.map((other) => `${tokenId(other)} (${other.name})`).join(', ');
    const summary = `${tokenId(token)}: operator of every supplier in ${env}, does not expire.`;
    return { key, summary: others.length === 0 ? summary : `${summary}\nOther administrators: ${known}.` };
  } finally {
    cloudFormation.destroy();
    dynamoDB.destroy();
  }
}

if (import.meta.main) {
  await main({
    usage: USAGE,
    read: readOptions,
    run: async (options) => {
      const { key, summary } = await firstToken(options, Date.now()).catch((error: unknown) => {
        if (error instanceof EnvironmentError) throw new CommandError(error.message);
        throw awsProblem(error) ?? error;
      });
      console.error(`${summary}\nIts key is shown only now, and is not stored:`);
      console.log(key);
    },
  });
}
