import { AttributeType, BillingMode, ProjectionType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Construct, type IConstruct } from 'constructs';
import { EXPIRY_ATTRIBUTE } from '../../shared/aws/lifetime.ts';
import { DUE_INDEX, INDEXED_ATTRIBUTES, LISTING_INDEX } from '../../shared/imports/storage/import-index.ts';
import type { Environment } from '../environment.ts';
import type { DataProtection } from './data-protection.ts';
import type { Encryption } from './encryption.ts';
import { acknowledge } from './findings.ts';

/** Acknowledges the findings on missing AWS Backup plans, and on missing point-in-time recovery where the environment has none. */
export function acknowledgeBackups(tables: IConstruct, { pointInTimeRecovery }: Environment): void {
  const nothing = 'The environment contains only test data.';
  acknowledge(tables, {
    'NIST.800.53.R5-DynamoDBInBackupPlan': pointInTimeRecovery
      ? 'Point-in-time recovery restores any second of the last 35 days. Older data is imported again from its source.'
      : nothing,
    ...(!pointInTimeRecovery && {
      'AwsSolutions-DDB3': nothing,
      'NIST.800.53.R5-DynamoDBPITREnabled': nothing,
    }),
  });
}

/** The tables of imports, supply points and the registry. On-demand capacity fits a migration's load, which comes in waves. */
export class Records extends Construct {
  /** Import processes, keyed by import supplier and identifier. */
  readonly importProcesses: Table;
  /** Supply points that imports created, keyed by identifier. */
  readonly supplyPoints: Table;
  /** Import suppliers and tokens. */
  readonly registry: Table;

  constructor(
    scope: Construct,
    environment: Environment,
    encryption: Encryption,
    dataProtection: DataProtection,
  ) {
    super(scope, 'records');
    const settings = {
      ...encryption.tables,
      billingMode: BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: environment.pointInTimeRecovery },
      ...dataProtection,
    };
    const expiring = environment.personalDataDays !== undefined && { timeToLiveAttribute: EXPIRY_ATTRIBUTE };
    const text = (name: string) => ({ name, type: AttributeType.STRING });

    const { warmWriteUnits } = environment;
    const warm =
      warmWriteUnits === undefined ? {} : { warmThroughput: { writeUnitsPerSecond: warmWriteUnits } };

    const importProcesses = new Table(this, 'import-processes', {
      ...settings,
      ...warm,
      ...expiring,
      partitionKey: text('id'),
    });
    const indexed = { projectionType: ProjectionType.INCLUDE, nonKeyAttributes: INDEXED_ATTRIBUTES };
    // Shared by lists and the sweeper, because each index costs write units for each import.
    importProcesses.addGlobalSecondaryIndex({
      indexName: LISTING_INDEX,
      partitionKey: text('listing'),
      sortKey: text('listed_at'),
      ...indexed,
      ...warm,
    });
    // Sparse: only imports that start later than SQS's maximum delay have these attributes.
    importProcesses.addGlobalSecondaryIndex({
      indexName: DUE_INDEX,
      partitionKey: text('due_shard'),
      sortKey: { name: 'due_at', type: AttributeType.NUMBER },
      ...indexed,
    });
    this.importProcesses = importProcesses;
    this.supplyPoints = new Table(this, 'supply-points', {
      ...settings,
      ...warm,
      ...expiring,
      partitionKey: text('identifier'),
    });
    this.registry = new Table(this, 'registry', {
      ...settings,
      partitionKey: text('kind'),
      sortKey: text('key'),
    });
    acknowledgeBackups(this, environment);
  }
}

/** The environment variable with the expiry of personal data, for functions that read or write it (functions/edge/settings.ts). */
export const personalDataVariables = ({ personalDataDays }: Environment): Record<string, string> =>
  personalDataDays === undefined ? {} : { PERSONAL_DATA_DAYS: String(personalDataDays) };
