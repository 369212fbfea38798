import { type App, CfnOutput, Stack, Tags } from 'aws-cdk-lib';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { type Environment, stackNameOf } from '../environments.ts';
import { DropBox } from './drop-box.ts';
import { Encryption } from './encryption.ts';
import { keepingOf } from './keeping.ts';
import { Records } from './records.ts';
import { Service } from './service.ts';

/**
 * One environment, whole: `cdk deploy -c env=<name>` deploys it. Its own resources are those that keep data; everything that
 * can be made anew is in the nested stack `service`. So one stack is protected, one command deploys, and a failed
 * deployment goes back as a whole. Nothing but the stack has a name that is not of its own making.
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

    const keeping = keepingOf(environment, isFirst);
    const encryption = new Encryption(this, environment, keeping);
    const records = new Records(this, environment, encryption, keeping);
    const dropBox = new DropBox(this, environment, encryption, keeping);
    // Here, because others attach their rules to it.
    const outcomes = new EventBus(this, 'outcomes', { description: 'How imports ended' });
    const service = new Service(this, { environment, encryption, records, dropBox, outcomes });
    this.#outputs({
      ApiUrl: [service.url, 'Where the API answers'],
      OutcomesBus: [outcomes.eventBusName, 'Where it is told how imports ended'],
      DropsBucket: [dropBox.bucket.bucketName, 'Where files are dropped'],
      DropsTable: [dropBox.drops.tableName, 'How far drops have come, for `npm run drop-status`'],
      RegistryTable: [records.registry.tableName, 'Import suppliers and tokens, for `npm run registry`'],
    });
  }

  #outputs(outputs: Record<string, [value: string, description: string]>): void {
    for (const [name, [value, description]] of Object.entries(outputs)) {
      new CfnOutput(this, name, { value, description });
    }
  }
}

/** Account and region of an environment, as far as its row has them. */
const targetOf = ({ account, region }: Environment) => ({
  ...(account !== undefined && { account }),
  ...(region !== undefined && { region }),
});
