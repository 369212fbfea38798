import { Duration } from 'aws-cdk-lib';
import { TokenAuthorizer } from 'aws-cdk-lib/aws-apigateway';
import type { EventBus } from 'aws-cdk-lib/aws-events';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { FunctionName, OperationName } from '../../shared/api/operations.ts';
import { DROPS_PREFIX, PARTS_PREFIX, REPORTS_PREFIX } from '../../shared/drops/drop.ts';
import { DROPS_INDEX } from '../../shared/drops/store.ts';
import { LISTING_INDEX } from '../../shared/imports/storage/import-index.ts';
import type { DropBox } from './drop-box.ts';
import { environmentFacts } from './environment-facts.ts';
import { grantItems, grantKinds, grantQuery } from './grants.ts';
import { personalDataVariables, type Records } from './records.ts';
import { addRoutes } from './routes.ts';
import { ServiceApi } from './service-api.ts';
import { type FunctionDefaults, ServiceFunction } from './service-function.ts';
import { variablesOf } from './variables.ts';

/** Responses take milliseconds. API Gateway's own timeout is 29 seconds. */
const TIMEOUT_SECONDS = 10;
/** `Token <key>`, case-insensitive. Another scheme counts as missing credentials, as in Django REST framework. */
const AUTHORIZATION = '^[Tt][Oo][Kk][Ee][Nn] .+$';

export type ImportApiProps = FunctionDefaults & {
  records: Records;
  imports: IQueue;
  outcomes: EventBus;
  dropBox: DropBox;
  dropTasks: IQueue;
};

/**
 * The API with its routes, functions and authorizer. It is a REST API, because an HTTP API cannot serve `/x/` at resource `/x`. All methods
 * of a route lead to a function, which returns the contract's bodies. API Gateway's own responses are in gateway-responses.ts.
 */
export class ImportApi extends Construct {
  readonly api: ServiceApi;
  /** The authorizer and the functions that a migration calls for each import. */
  readonly migrationFunctions: readonly ServiceFunction[];

  constructor(scope: Construct, props: ImportApiProps) {
    super(scope, 'import-api');
    const { environment, records } = props;
    this.api = new ServiceApi(this, environment, props.encryption);
    const authorizer = this.#function('authorizer', props, { REGISTRY_TABLE: records.registry.tableName });
    // It updates a token's last day of use, once a day.
    grantKinds(records.registry, authorizer, ['tokens'], 'GetItem', 'UpdateItem');
    grantKinds(records.registry, authorizer, ['suppliers'], 'Query');
    const authorized = {
      authorizer: new TokenAuthorizer(this, 'token', {
        handler: authorizer.live,
        validationRegex: AUTHORIZATION,
        resultsCacheTtl: Duration.seconds(environment.authorizerCacheSeconds),
      }),
    };
    const functions = {
      ...this.#contractFunctions(props),
      ...this.#readFunctions(props),
      ...this.#actionFunctions(props),
      me: this.#function('me', props, environmentFacts(props.environment)),
      ...this.#dropFunctions(props),
      ...this.#adminFunctions(props),
      home: this.#function('home', props, {}),
      health: this.#function('health', props, {}),
      // The console uploads files to the bucket by presigned requests, for which its pages allow the bucket's origin.
      site: this.#function('site', props, variablesOf(props, 'DROPS_BUCKET')),
    };
    const { validate, create, status } = functions;
    this.migrationFunctions = [authorizer, validate, create, status];
    addRoutes(this.api, functions, this.#function('fallback', props, {}), authorized);
  }

  #contractFunctions(props: ImportApiProps) {
    const { importProcesses, registry } = props.records;
    const { scenariosAllowed } = props.environment;
    const validate = this.#function('validate', props, {});
    const create = this.#function('create', props, {
      ...variablesOf(props, 'IMPORTS_TABLE', 'IMPORTS_QUEUE_URL', 'TIME_ZONE'),
      ...(scenariosAllowed && { SCENARIOS_ALLOWED: 'true', ...variablesOf(props, 'REGISTRY_TABLE') }),
    });
    if (scenariosAllowed) grantKinds(registry, create, ['suppliers'], 'GetItem');
    grantItems(importProcesses, create, 'GetItem', 'PutItem');
    props.imports.grant(create, 'sqs:SendMessage');
    const status = this.#function('status', props, variablesOf(props, 'IMPORTS_TABLE', 'TIME_ZONE'));
    grantItems(importProcesses, status, 'GetItem');
    return { validate, create, status };
  }

  #readFunctions(props: ImportApiProps) {
    const { importProcesses, supplyPoints } = props.records;
    const list = this.#function('list', props, variablesOf(props, 'IMPORTS_TABLE', 'TIME_ZONE'));
    grantItems(importProcesses, list, 'BatchGetItem');
    grantQuery(importProcesses, list, LISTING_INDEX);
    const history = this.#function(
      'history',
      props,
      variablesOf(props, 'IMPORTS_TABLE', 'TIME_ZONE', 'DROPS_TABLE'),
    );
    grantItems(importProcesses, history, 'GetItem');
    // An import that came in a drop names its line in the file.
    grantItems(props.dropBox.drops, history, 'GetItem', 'Query');
    const created = this.#function('created', props, variablesOf(props, 'SUPPLY_POINTS_TABLE', 'TIME_ZONE'));
    grantItems(supplyPoints, created, 'GetItem');
    const counts = this.#function('counts', props, {
      ...variablesOf(props, 'IMPORTS_TABLE', 'REGISTRY_TABLE', 'TIME_ZONE'),
    });
    grantItems(importProcesses, counts, 'BatchGetItem');
    grantQuery(importProcesses, counts, LISTING_INDEX);
    grantKinds(props.records.registry, counts, ['counts'], 'GetItem', 'PutItem');
    return { list, counts, history, created };
  }

  /** The operator's actions. */
  #actionFunctions(props: ImportApiProps) {
    const { importProcesses, supplyPoints, registry } = props.records;
    const queued = variablesOf(props, 'IMPORTS_TABLE', 'IMPORTS_QUEUE_URL');
    const cancel = this.#function('cancel', props, {
      ...queued,
      ...variablesOf(props, 'OUTCOMES_BUS', 'TIME_ZONE'),
      ...personalDataVariables(props.environment),
    });
    props.outcomes.grantPutEventsTo(cancel);
    grantItems(importProcesses, cancel, 'GetItem', 'UpdateItem');
    const retry = this.#function('retry', props, { ...queued, ...variablesOf(props, 'TIME_ZONE') });
    grantItems(importProcesses, retry, 'GetItem', 'PutItem');
    const redrive = this.#function('redrive', props, queued);
    grantItems(importProcesses, redrive, 'GetItem', 'PutItem');
    grantQuery(importProcesses, redrive, LISTING_INDEX);
    for (const sender of [cancel, retry, redrive]) props.imports.grant(sender, 'sqs:SendMessage');
    const erase = this.#function(
      'erase',
      props,
      variablesOf(props, 'IMPORTS_TABLE', 'SUPPLY_POINTS_TABLE', 'REGISTRY_TABLE'),
    );
    for (const table of [importProcesses, supplyPoints]) grantItems(table, erase, 'GetItem', 'DeleteItem');
    // For the audit record, and to have imports counted anew.
    grantKinds(registry, erase, ['erasures', 'counts'], 'PutItem');
    return { cancel, retry, redrive, erase };
  }

  #dropFunctions(props: ImportApiProps) {
    const { dropBox, dropTasks } = props;
    const records = variablesOf(props, 'DROPS_TABLE', 'TIME_ZONE');
    const list = this.#function('drops-list', props, records);
    grantItems(dropBox.drops, list, 'GetItem', 'Query');
    grantQuery(dropBox.drops, list, DROPS_INDEX);
    const activity = this.#function('activity', props, {
      ...records,
      ...variablesOf(props, 'IMPORTS_TABLE'),
    });
    grantItems(dropBox.drops, activity, 'GetItem', 'Query');
    grantQuery(props.records.importProcesses, activity, LISTING_INDEX);
    const create = this.#function('drops-create', props, variablesOf(props, 'DROPS_BUCKET', 'TIME_ZONE'));
    // The presigned uploads have these permissions, too.
    dropBox.grantObjects(create, 's3:PutObject', DROPS_PREFIX);
    dropBox.grantObjects(create, 's3:AbortMultipartUpload', DROPS_PREFIX);
    const status = this.#function('drops-status', props, records);
    grantItems(dropBox.drops, status, 'GetItem', 'Query');
    dropBox.grantList(status);
    dropBox.grantObjects(status, 's3:GetObject', REPORTS_PREFIX);
    const failedRows = this.#function('drops-failed-rows', props, records);
    grantItems(dropBox.drops, failedRows, 'GetItem', 'Query');
    dropBox.grantList(failedRows);
    dropBox.grantObjects(failedRows, 's3:GetObject', PARTS_PREFIX, REPORTS_PREFIX);
    const cancel = this.#function('drops-cancel', props, {
      ...records,
      DROP_TASKS_QUEUE_URL: dropTasks.queueUrl,
    });
    grantItems(dropBox.drops, cancel, 'GetItem', 'UpdateItem');
    dropTasks.grant(cancel, 'sqs:SendMessage');
    return {
      activity,
      'drops-list': list,
      'drops-create': create,
      'drops-status': status,
      'drops-failed-rows': failedRows,
      'drops-cancel': cancel,
    };
  }

  /** Only these functions change suppliers, tokens and scenarios. Each handles several operations, because a stack has at most 500 resources. */
  #adminFunctions(props: ImportApiProps) {
    const { registry } = props.records;
    const { name, authorizerCacheSeconds, scenariosAllowed } = props.environment;
    const shared = {
      ...variablesOf(props, 'REGISTRY_TABLE', 'TIME_ZONE'),
      AUTHORIZER_CACHE_SECONDS: String(authorizerCacheSeconds),
    };
    const suppliers = this.#function('admin-suppliers', props, shared);
    // The administrator's own token is read again before a change.
    grantKinds(registry, suppliers, ['suppliers', 'tokens'], 'Query');
    grantKinds(registry, suppliers, ['suppliers'], 'UpdateItem');
    const tokens = this.#function('admin-tokens', props, shared);
    grantKinds(registry, tokens, ['suppliers', 'tokens'], 'Query');
    grantKinds(registry, tokens, ['tokens'], 'PutItem', 'UpdateItem');
    const scenarios = this.#function('scenarios', props, {
      ...variablesOf(props, 'REGISTRY_TABLE'),
      ENVIRONMENT_NAME: name,
      ...(scenariosAllowed && { SCENARIOS_ALLOWED: 'true' }),
    });
    grantKinds(
      registry,
      scenarios,
      ['suppliers'],
      'GetItem',
      ...(scenariosAllowed ? (['UpdateItem'] as const) : []),
    );
    return { 'admin-suppliers': suppliers, 'admin-tokens': tokens, scenarios };
  }

  #function(
    name: OperationName | FunctionName | 'authorizer' | 'fallback',
    props: FunctionDefaults,
    variables: Record<string, string>,
  ): ServiceFunction {
    const { code, environment, encryption } = props;
    return new ServiceFunction(this, name, {
      code,
      environment,
      encryption,
      timeoutSeconds: TIMEOUT_SECONDS,
      memoryMiB: 512,
      // API Gateway's access log has a line for each request already. Warnings and errors are always logged.
      variables: { ...variables, ...(environment.hasAccessLog && { POWERTOOLS_LOG_LEVEL: 'WARN' }) },
    });
  }
}
