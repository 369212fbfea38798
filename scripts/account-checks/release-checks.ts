import {
  type CodeDeployClient,
  GetDeploymentGroupCommand,
  paginateListDeploymentGroups,
} from '@aws-sdk/client-codedeploy';
import { GetAliasCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { type Account, differs, type Outcome, ok, type ReadOnlyCheck, skipped } from './check.ts';

const ALIAS = 'live';
const LATEST = '$LATEST';

/** Checks the functions' aliases and deployment groups. */
export const releaseChecks: readonly ReadOnlyCheck[] = [
  { name: 'each function’s alias points to a version', run: aliases },
  { name: 'CodeDeploy shifts each alias as the row says', run: deploymentGroups },
];

/** Checks all functions that have an alias. The CDK's helper functions have none. */
async function aliases({ deployed, clients: { lambda } }: Account): Promise<Outcome> {
  const aliased = deployed.resources.filter(({ type }) => type === 'AWS::Lambda::Alias');
  if (aliased.length === 0) return differs('no function has an alias');
  const found = await Promise.all(aliased.map(({ name }) => aliasOf(lambda, name)));
  const wrong = found.filter(({ version }) => version === LATEST);
  if (wrong.length > 0) return differs(`of ${wrong.map(({ name }) => name).join(', ')} it is ${LATEST}`);
  return ok(`${found.length} functions`);
}

/** @param reference an alias's ARN, which is its physical ID */
async function aliasOf(lambda: LambdaClient, reference: string): Promise<{ name: string; version: string }> {
  const [FunctionName = ''] = reference.split(':').slice(-2);
  const { FunctionVersion = LATEST } = await lambda.send(new GetAliasCommand({ FunctionName, Name: ALIAS }));
  return { name: FunctionName, version: FunctionVersion };
}

async function deploymentGroups(account: Account): Promise<Outcome> {
  const { deployed, environment, clients } = account;
  const { canaryMinutes } = environment;
  if (canaryMinutes === undefined) return skipped('the row has no canaryMinutes');
  const named = (type: string) => deployed.resources.filter((resource) => resource.type === type);
  const configs: string[] = [];
  for (const { name } of named('AWS::CodeDeploy::Application')) {
    configs.push(...(await configsOf(clients.codeDeploy, name)));
  }
  const expected = `CodeDeployDefault.LambdaCanary10Percent${canaryMinutes}Minutes`;
  const others = configs.filter((config) => config !== expected);
  if (others.length > 0)
    return differs(`${others.length} are ${[...new Set(others)].join(', ')}, not ${expected}`);
  const functions = named('AWS::Lambda::Alias').length;
  if (configs.length < functions) return differs(`${configs.length} groups for ${functions} aliases`);
  return ok(`${configs.length} groups, ${expected}`);
}

async function configsOf(client: CodeDeployClient, applicationName: string): Promise<string[]> {
  const configs: string[] = [];
  for await (const { deploymentGroups = [] } of paginateListDeploymentGroups(
    { client },
    { applicationName },
  )) {
    for (const deploymentGroupName of deploymentGroups) {
      const command = new GetDeploymentGroupCommand({ applicationName, deploymentGroupName });
      configs.push(
        (await client.send(command)).deploymentGroupInfo?.deploymentConfigName ?? 'of no configuration',
      );
    }
  }
  return configs;
}
