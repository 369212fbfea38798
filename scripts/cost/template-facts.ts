import { functionNameOf, type Resource } from '../../infra/local/resource.ts';
import { loadTemplate } from '../../infra/local/template.ts';
import { shapeOf, type TableShape } from '../../infra/local/write-units.ts';
import type { FunctionOfEvent } from './invocation-meter.ts';

/** What the template says that costs follow from. */
export type TemplateFacts = {
  /** Tables by the names that they have on the host. */
  tables: ReadonlyMap<string, TableShape>;
  /** Construct ids by those names, for people. */
  tableIds: ReadonlyMap<string, string>;
  /** Functions' memory by their construct ids, in MiB. */
  memoryMiB: ReadonlyMap<string, number>;
  functionOf: FunctionOfEvent;
};

/** The endpoints that are measured. */
const ENDPOINTS: Readonly<Record<string, string>> = {
  'POST /v2/data-import/supply-points': 'create',
  'POST /v2/data-import/supply-points/validate': 'validate',
  'GET /v2/data-import/supply-points/{supplier}/{identifier}': 'status',
};

/** Reads a synthesized stack. */
export function templateFacts(assembly: string, stackName: string): TemplateFacts {
  const resources = loadTemplate(assembly, stackName, { queueUrl: (name) => name });
  const of = (type: string): Resource[] => resources.filter((resource) => resource.type === type);
  const tables = of('AWS::DynamoDB::Table');
  const functions = of('AWS::Lambda::Function');
  const consumers = new Map(
    of('AWS::Lambda::EventSourceMapping').map((mapping) => {
      const { EventSourceArn, FunctionName } = mapping.properties() as Record<string, string>;
      return [EventSourceArn!, functions.find(({ name }) => name === functionNameOf(FunctionName!))!.id];
    }),
  );
  return {
    tables: new Map(tables.map((table) => [table.name, shapeOf(table.properties())])),
    tableIds: new Map(tables.map(({ name, id }) => [name, id])),
    memoryMiB: new Map(
      functions.map(({ id, properties }) => [id, Number(properties()['MemorySize'] ?? 128)]),
    ),
    functionOf(event) {
      if (event['type'] === 'TOKEN') return 'authorizer';
      if (event['httpMethod'] !== undefined) return ENDPOINTS[`${event['httpMethod']} ${event['resource']}`];
      const [record] = (event['Records'] ?? []) as { eventSourceARN?: string }[];
      return consumers.get(record?.eventSourceARN ?? '');
    },
  };
}
