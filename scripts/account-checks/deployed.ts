import {
  type CloudFormationClient,
  DescribeStacksCommand,
  GetTemplateCommand,
  paginateListStackResources,
} from '@aws-sdk/client-cloudformation';
import { type Environment, stackNameOf } from '../../infra/environment.ts';
import { CommandError } from '../command/command.ts';

/** A resource of the environment's stacks. `name` is its physical ID. */
export type DeployedResource = { logicalId: string; type: string; name: string };

/** A resource of the deployed template. */
export type TemplateResource = { Type: string; Properties?: Record<string, unknown> };

/** The deployed stack, from CloudFormation. */
export type Deployed = {
  /** Returns an output of the stack. @throws CommandError if there is no such output */
  output(name: string): string;
  /** All resources of the stack and its nested stacks. */
  resources: readonly DeployedResource[];
  /** Returns a resource's name, by its logical ID without the hash. @throws CommandError if there is none */
  nameOf(construct: string): string;
  /** Resources of the stack's template by logical ID, without those of nested stacks. */
  template: Readonly<Record<string, TemplateResource>>;
};

/**
 * Reads an environment's deployed stack from CloudFormation.
 *
 * @throws CommandError if the stack does not exist
 * @throws the SDK's errors
 */
export async function deployedEnvironment(
  cloudFormation: CloudFormationClient,
  environment: Environment,
): Promise<Deployed> {
  const StackName = stackNameOf(environment);
  const outputs = await outputsOf(cloudFormation, StackName);
  const resources = await resourcesOf(cloudFormation, StackName);
  const { TemplateBody = '{}' } = await cloudFormation.send(new GetTemplateCommand({ StackName }));
  return {
    resources,
    template: (JSON.parse(TemplateBody) as { Resources?: Deployed['template'] }).Resources ?? {},
    output(name) {
      const value = outputs.get(name);
      if (value === undefined)
        throw new CommandError(`The stack ${StackName} has no output ${name}: deploy it.`);
      return value;
    },
    nameOf(construct) {
      const isOf = new RegExp(`^${construct}[0-9A-F]{8}$`);
      const found = resources.find(({ logicalId }) => isOf.test(logicalId));
      if (found === undefined)
        throw new CommandError(`The stack ${StackName} has no ${construct}: deploy it.`);
      return found.name;
    },
  };
}

/** Returns the outputs of a stack. @throws CommandError if there is no such stack */
export async function outputsOf(
  cloudFormation: CloudFormationClient,
  StackName: string,
): Promise<Map<string, string>> {
  try {
    const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({ StackName }));
    return new Map(
      Stacks?.[0]?.Outputs?.map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]),
    );
  } catch (error) {
    const { name, message } = error as Error;
    if (name !== 'ValidationError' || !message.endsWith('does not exist')) throw error;
    throw new CommandError(`There is no stack ${StackName} in this account and region.`);
  }
}

async function resourcesOf(
  cloudFormation: CloudFormationClient,
  StackName: string,
): Promise<DeployedResource[]> {
  const found: DeployedResource[] = [];
  for await (const page of paginateListStackResources({ client: cloudFormation }, { StackName })) {
    for (const each of page.StackResourceSummaries ?? []) {
      const { LogicalResourceId = '', ResourceType = '', PhysicalResourceId = '' } = each;
      found.push({ logicalId: LogicalResourceId, type: ResourceType, name: PhysicalResourceId });
    }
  }
  const nested = found.filter(({ type }) => type === 'AWS::CloudFormation::Stack');
  const inside = await Promise.all(nested.map(({ name }) => resourcesOf(cloudFormation, name)));
  return [...found, ...inside.flat()];
}
