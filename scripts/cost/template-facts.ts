import { functionNameOf, type Resource } from '../../infra/local/resource.ts';
import { loadTemplate } from '../../infra/local/template.ts';
import { shapeOf, type TableShape } from '../../infra/local/write-units.ts';
import { type OperationName, operationAt } from '../../shared/api/operations.ts';
import type { FunctionOfEvent } from './invocation-meter.ts';
import { REQUESTS_PER_SECOND } from './prices.ts';

/** The properties of a template that consumption depends on. */
export type TemplateFacts = {
  /** Tables, by their names on the host. */
  tables: ReadonlyMap<string, TableShape>;
  /** Tables' construct ids, by the same names. */
  tableIds: ReadonlyMap<string, string>;
  /** Functions' memory in MiB, by construct id. */
  memoryMiB: ReadonlyMap<string, number>;
  /** Whether Lambda writes its own log lines for each invocation. */
  hasPlatformLog: boolean;
  /** Share of API requests that X-Ray traces, from 0 to 1. */
  tracedShare: number;
  functionOf: FunctionOfEvent;
};

/** The operations that are measured. */
const MEASURED: readonly (OperationName | undefined)[] = ['create', 'validate', 'status'];

/** X-Ray's default rule: one request a second, and one in twenty of the others (source: X-Ray, "Configuring sampling rules"). */
const DEFAULT_SAMPLING = { ReservoirSize: 1, FixedRate: 0.05 };

function tracedShareOf(rule: Resource | undefined): number {
  const { ReservoirSize, FixedRate } = (rule?.properties()['SamplingRule'] ??
    DEFAULT_SAMPLING) as typeof DEFAULT_SAMPLING;
  return ReservoirSize / REQUESTS_PER_SECOND + FixedRate;
}

/** Reads the facts from a synthesized stack. */
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
    hasPlatformLog: functions.some(
      ({ properties }) =>
        (properties()['LoggingConfig'] as { SystemLogLevel?: string } | undefined)?.SystemLogLevel !== 'WARN',
    ),
    tracedShare: tracedShareOf(of('AWS::XRay::SamplingRule')[0]),
    functionOf(event) {
      if (event['type'] === 'TOKEN') return 'authorizer';
      if (event['httpMethod'] !== undefined) {
        const operation = operationAt(String(event['httpMethod']), String(event['resource']));
        return MEASURED.includes(operation) ? operation : undefined;
      }
      const [record] = (event['Records'] ?? []) as { eventSourceARN?: string }[];
      return consumers.get(record?.eventSourceARN ?? '');
    },
  };
}
