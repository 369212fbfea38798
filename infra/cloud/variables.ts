import type { ImportApiProps } from './import-api.ts';

/** The environment variables by which functions find tables, queues and the bus. */
export function variablesOf(
  { records, imports, outcomes, environment, dropBox }: ImportApiProps,
  ...names: Variable[]
) {
  const all = {
    IMPORTS_TABLE: records.importProcesses.tableName,
    SUPPLY_POINTS_TABLE: records.supplyPoints.tableName,
    REGISTRY_TABLE: records.registry.tableName,
    IMPORTS_QUEUE_URL: imports.queueUrl,
    OUTCOMES_BUS: outcomes.eventBusName,
    TIME_ZONE: environment.timeZone,
    DROPS_TABLE: dropBox.drops.tableName,
    DROPS_BUCKET: dropBox.bucket.bucketName,
  };
  return Object.fromEntries(names.map((name) => [name, all[name]]));
}
type Variable =
  | 'IMPORTS_TABLE'
  | 'SUPPLY_POINTS_TABLE'
  | 'REGISTRY_TABLE'
  | 'IMPORTS_QUEUE_URL'
  | 'OUTCOMES_BUS'
  | 'TIME_ZONE'
  | 'DROPS_TABLE'
  | 'DROPS_BUCKET';
