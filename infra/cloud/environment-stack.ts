import { type App, CfnOutput, Stack, Tags } from 'aws-cdk-lib';
import { EventBus } from 'aws-cdk-lib/aws-events';
import type { Environment } from '../environments.ts';
import { DropBox } from './drop-box.ts';
import { Records } from './records.ts';
import { Service } from './service.ts';

/**
 * One environment, whole: `cdk deploy -c env=<name>` deploys it. Its own resources are those that keep data; everything that
 * can be made anew is in the nested stack `service`. So one stack is protected, one command deploys, and a failed
 * deployment goes back as a whole.
 */
export class EnvironmentStack extends Stack {
  constructor(app: App, environment: Environment) {
    super(app, `supply-point-import-${environment.name}`, {
      description: `Supply Point Import, ${environment.name}`,
      terminationProtection: environment.isProtected,
    });
    Tags.of(this).add('environment', environment.name);

    const records = new Records(this, environment);
    const dropBox = new DropBox(this, environment);
    // Here, because others attach their rules to it.
    const outcomes = new EventBus(this, 'outcomes', { description: 'How imports ended' });
    const service = new Service(this, environment, records, dropBox, outcomes);
    new CfnOutput(this, 'ApiUrl', { value: service.url, description: 'Where the API answers' });
    new CfnOutput(this, 'OutcomesBus', {
      value: outcomes.eventBusName,
      description: 'Where it is told how imports ended',
    });
    new CfnOutput(this, 'DropsBucket', {
      value: dropBox.bucket.bucketName,
      description: 'Where files are dropped',
    });
  }
}
