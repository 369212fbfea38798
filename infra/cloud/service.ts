import { NestedStack } from 'aws-cdk-lib';
import type { EventBus } from 'aws-cdk-lib/aws-events';
import type { Construct } from 'constructs';
import type { Environment } from '../environments.ts';
import { bundledCode } from './bundles.ts';
import type { DropBox } from './drop-box.ts';
import { DropWork } from './drop-work.ts';
import { ImportApi } from './import-api.ts';
import { ImportWork } from './import-work.ts';
import type { Records } from './records.ts';
import { Sweeper } from './sweeper.ts';

/** Everything that can be made anew, in the order of a request's way. */
export class Service extends NestedStack {
  readonly url: string;

  constructor(
    scope: Construct,
    environment: Environment,
    records: Records,
    dropBox: DropBox,
    outcomes: EventBus,
  ) {
    super(scope, 'service');
    const parts = { environment, records, outcomes, code: bundledCode(this) };
    const work = new ImportWork(this, parts);
    const api = new ImportApi(this, { ...parts, imports: work.queue });
    new Sweeper(this, { ...parts, imports: work.queue, bulkImports: work.bulkQueue });
    new DropWork(this, { ...parts, dropBox, bulkImports: work.bulkQueue });
    this.url = api.url;
  }
}
