import { Duration } from 'aws-cdk-lib';
import { Archive, EventBus } from 'aws-cdk-lib/aws-events';
import { CfnRegistry, CfnSchema } from 'aws-cdk-lib/aws-eventschemas';
import { Construct } from 'constructs';
import { EVENT_SOURCE, outcomeEventSchemas } from '../../shared/events/outcome-schemas.ts';
import type { Environment } from '../environment.ts';

/** Retention of the archive: consumers can replay what they missed during an outage. */
const ARCHIVE_DAYS = 30;

/** The event bus for the outcomes of imports, its archive for replays, and the schemas of its events. */
export class Outcomes extends Construct {
  readonly bus: EventBus;

  constructor(scope: Construct, { name }: Environment) {
    super(scope, 'outcome-events');
    // A child of the stack and not of the nested stack, because rules of other stacks refer to it.
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
        // EventBridge's naming of discovered schemas (source: EventBridge, "Schemas").
        schemaName: `${EVENT_SOURCE}@${detailType}`,
        type: 'JSONSchemaDraft4',
        content: JSON.stringify(schema),
      });
    }
  }
}
