import { Duration } from 'aws-cdk-lib';
import { Archive, EventBus } from 'aws-cdk-lib/aws-events';
import { CfnRegistry, CfnSchema } from 'aws-cdk-lib/aws-eventschemas';
import { Construct } from 'constructs';
import { EVENT_SOURCE, outcomeEventSchemas } from '../../shared/events/outcome-schemas.ts';
import type { Environment } from '../environment.ts';

/** How long events can be replayed: consumers that were down for a holiday get what they missed. */
const ARCHIVE_DAYS = 30;

/** The bus on which consumers learn how imports ended, with an archive to replay from and the schemas of its events. */
export class Outcomes extends Construct {
  readonly bus: EventBus;

  constructor(scope: Construct, { name }: Environment) {
    super(scope, 'outcome-events');
    // Of the stack itself, since consumers of other stacks attach their rules to it.
    this.bus = new EventBus(scope, 'outcomes', { description: 'How imports ended' });
    new Archive(this, 'archive', {
      sourceEventBus: this.bus,
      description: `Outcomes of imports, ${name}`,
      eventPattern: { source: [EVENT_SOURCE] },
      retention: Duration.days(ARCHIVE_DAYS),
    });
    const registry = new CfnRegistry(this, 'schemas', {
      description: `Events of supply-point-import-${name}`,
    });
    for (const [detailType, schema] of Object.entries(outcomeEventSchemas())) {
      new CfnSchema(this, detailType, {
        registryName: registry.attrRegistryName,
        // As EventBridge names the schemas that it discovers (source: EventBridge, "Schemas").
        schemaName: `${EVENT_SOURCE}@${detailType}`,
        type: 'JSONSchemaDraft4',
        content: JSON.stringify(schema),
      });
    }
  }
}
