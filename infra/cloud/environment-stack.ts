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
 * The stack of one environment, deployed with `cdk deploy -c env=<name>`. It contains the stateful resources. The stateless ones are in
 * the nested stack `service`. One stack is protected, one command deploys, and a failed deployment rolls back as a whole. Explicit names
 * (stack, API, alarms, dashboard, key alias) contain the environment's name, because environments may share an account. CloudFormation
 * generates all other names.
 */
export class EnvironmentStack extends Stack {
  /**
   * @param options.isFirst creates the stack without termination protection and without deletion protection of tables, because either
   *   would block the rollback of a failed creation or the deletion before the next attempt
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
      DropsTable: [dropBox.drops.tableName, 'The records of drops, for `npm run erase`'],
      RegistryTable: [records.registry.tableName, 'Import suppliers and tokens, for `npm run first-token`'],
    });
  }

  /**
   * Adds each value as a stack output, for people and scripts, and as an SSM parameter `/supply-point-import/<environment>/<OutputName>`.
   * Other stacks can refer to the parameter without a dependency on this stack.
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

/** The account and region of the environment's row, if set. */
const targetOf = ({ account, region }: Environment) => ({
  ...(account !== undefined && { account }),
  ...(region !== undefined && { region }),
});
