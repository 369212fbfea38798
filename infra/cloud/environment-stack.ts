import { type App, CfnOutput, Stack, Tags } from 'aws-cdk-lib';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { type Environment, stackNameOf } from '../environment.ts';
import { addBudget } from './budget.ts';
import { dataProtectionOf } from './data-protection.ts';
import { DropBox } from './drop-box.ts';
import { Encryption } from './encryption.ts';
import { Outcomes } from './outcomes.ts';
import { Records } from './records.ts';
import { Service } from './service.ts';

/**
 * One environment, whole: `cdk deploy -c env=<name>` deploys it. Its own resources are those that keep data; everything that
 * can be made anew is in the nested stack `service`. So one stack is protected, one command deploys, and a failed
 * deployment goes back as a whole. What has a name of this project's choice (the stack, the API, its alarms and dashboard, the key's alias) has
 * the environment's name in it, so that environments of one account do not collide; CloudFormation names the rest.
 */
export class EnvironmentStack extends Stack {
  /**
   * @param options.isFirst creates the stack without termination protection and without deletion protection of tables: either would
   *   stop the rollback of a failed creation, or the deletion that has to precede another one
   */
  constructor(app: App, environment: Environment, { isFirst }: { isFirst: boolean }) {
    super(app, stackNameOf(environment), {
      description: `Supply Point Import, ${environment.name}`,
      terminationProtection: environment.isProtected && !isFirst,
      env: targetOf(environment),
    });
    for (const [tag, value] of Object.entries(environment.tags)) Tags.of(this).add(tag, value);
    Tags.of(this).add('environment', environment.name);

    const dataProtection = dataProtectionOf(environment, isFirst);
    const encryption = new Encryption(this, environment, dataProtection);
    const records = new Records(this, environment, encryption, dataProtection);
    const dropBox = new DropBox(this, environment, encryption, dataProtection);
    const { bus: outcomes } = new Outcomes(this, environment);
    const service = new Service(this, { environment, encryption, records, dropBox, outcomes });
    addBudget(this, environment);
    this.#outputs(environment, {
      ApiUrl: [service.url, 'Where the API answers'],
      OutcomesBus: [outcomes.eventBusName, 'The event bus with the outcomes of imports'],
      DropsBucket: [dropBox.bucket.bucketName, 'Where files are dropped'],
      ImportsQueue: [service.imports.queueUrl, 'Imports that came by the endpoint'],
      BulkImportsQueue: [service.bulkImports.queueUrl, 'Imports that came in drops'],
      AlarmsTopic: [service.alarms.topicArn, 'The topic that alarms are sent to'],
      DropsTable: [dropBox.drops.tableName, 'How far drops have come, for `npm run drop-status`'],
      RegistryTable: [records.registry.tableName, 'Import suppliers and tokens, for `npm run registry`'],
    });
  }

  /**
   * Each value as an output of the stack, for people and scripts, and as a parameter of Systems Manager, which other stacks can refer to
   * without depending on this one: `/supply-point-import/<environment>/<OutputName>`.
   */
  #outputs(
    { name: environment }: Environment,
    outputs: Record<string, [value: string, description: string]>,
  ) {
    for (const [name, [value, description]] of Object.entries(outputs)) {
      new CfnOutput(this, name, { value, description });
      new StringParameter(this, `parameter-${name}`, {
        parameterName: `/supply-point-import/${environment}/${name}`,
        stringValue: value,
        description,
      });
    }
  }
}

/** Account and region of an environment, as far as its row has them. */
const targetOf = ({ account, region }: Environment) => ({
  ...(account !== undefined && { account }),
  ...(region !== undefined && { region }),
});
