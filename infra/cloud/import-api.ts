import { Duration } from 'aws-cdk-lib';
import {
  type IResource,
  LambdaIntegration,
  type MethodOptions,
  type RestApi,
  TokenAuthorizer,
} from 'aws-cdk-lib/aws-apigateway';
import type { EventBus } from 'aws-cdk-lib/aws-events';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { LISTING_INDEX } from '../../shared/imports/storage/import-index.ts';
import { acknowledge } from './findings.ts';
import { grantItems, grantQuery } from './grants.ts';
import { personalDataVariables, type Records } from './records.ts';
import { ServiceApi } from './service-api.ts';
import { type FunctionDefaults, ServiceFunction } from './service-function.ts';

/** Responses take milliseconds. API Gateway's own timeout is 29 seconds. */
const TIMEOUT_SECONDS = 10;
/** `Token <key>`, case-insensitive. Another scheme counts as missing credentials, as in Django REST framework. */
const AUTHORIZATION = '^[Tt][Oo][Kk][Ee][Nn] .+$';
/** The functions that a migration calls for each import. */
const MIGRATION_FUNCTIONS = ['validate', 'create', 'status'];
const SUPPLY_POINTS = '/v2/data-import/supply-points';

type ImportApiProps = FunctionDefaults & { records: Records; imports: IQueue; outcomes: EventBus };
type Route = { method: 'GET' | 'POST' | 'DELETE'; path: string; function: ServiceFunction; isOpen?: true };

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
    const api = new ServiceApi(this, environment, props.encryption);
    this.api = api;

    const authorizer = this.#function('authorizer', props, { REGISTRY_TABLE: records.registry.tableName });
    // It updates a token's last day of use, once a day.
    grantItems(records.registry, authorizer, 'GetItem', 'Query', 'UpdateItem');
    const authorized = {
      authorizer: new TokenAuthorizer(this, 'token', {
        handler: authorizer.live,
        validationRegex: AUTHORIZATION,
        resultsCacheTtl: Duration.seconds(environment.authorizerCacheSeconds),
      }),
    };
    const routes = this.#routes(props);
    this.migrationFunctions = [
      authorizer,
      ...MIGRATION_FUNCTIONS.map((name) => this.node.findChild(name) as ServiceFunction),
    ];
    addRoutes(api, [...routes, ...this.#actions(props), ...this.#open(props)], authorized, (methods) =>
      this.#function('fallback', props, { ROUTES: JSON.stringify(methods) }),
    );
  }

  #routes(props: ImportApiProps): Route[] {
    const { importProcesses, supplyPoints } = props.records;
    const imports = { IMPORTS_TABLE: importProcesses.tableName };
    const queue = { IMPORTS_QUEUE_URL: props.imports.queueUrl };
    const zone = { TIME_ZONE: props.environment.timeZone };

    const validate = this.#function('validate', props, {});
    const { scenariosAllowed } = props.environment;
    const create = this.#function('create', props, {
      ...imports,
      ...queue,
      ...zone,
      ...(scenariosAllowed && {
        SCENARIOS_ALLOWED: 'true',
        REGISTRY_TABLE: props.records.registry.tableName,
      }),
    });
    if (scenariosAllowed) grantItems(props.records.registry, create, 'GetItem');
    grantItems(importProcesses, create, 'GetItem', 'PutItem');
    props.imports.grant(create, 'sqs:SendMessage');
    const status = this.#function('status', props, { ...imports, ...zone });
    grantItems(importProcesses, status, 'GetItem');
    const list = this.#function('list', props, { ...imports, ...zone });
    grantItems(importProcesses, list, 'BatchGetItem');
    grantQuery(importProcesses, list, LISTING_INDEX);
    const history = this.#function('history', props, { ...imports, ...zone });
    grantItems(importProcesses, history, 'GetItem');
    const created = this.#function('created', props, {
      SUPPLY_POINTS_TABLE: supplyPoints.tableName,
      ...zone,
    });
    grantItems(supplyPoints, created, 'GetItem');

    const importPath = `${SUPPLY_POINTS}/{supplier}/{identifier}`;
    return [
      { method: 'POST', path: `${SUPPLY_POINTS}/validate`, function: validate },
      { method: 'POST', path: SUPPLY_POINTS, function: create },
      { method: 'GET', path: `${SUPPLY_POINTS}/{supplier}`, function: list },
      { method: 'GET', path: importPath, function: status },
      { method: 'GET', path: `${importPath}/history`, function: history },
      { method: 'GET', path: `${importPath}/created`, function: created },
    ];
  }

  /** The operator's actions. The literal last segment of the path distinguishes them from a status request. */
  #actions(props: ImportApiProps): Route[] {
    const { importProcesses, supplyPoints, registry } = props.records;
    const imports = { IMPORTS_TABLE: importProcesses.tableName };
    const queue = { IMPORTS_QUEUE_URL: props.imports.queueUrl };
    const zone = { TIME_ZONE: props.environment.timeZone };

    const bus = { OUTCOMES_BUS: props.outcomes.eventBusName };
    const cancel = this.#function('cancel', props, {
      ...imports,
      ...queue,
      ...bus,
      ...zone,
      ...personalDataVariables(props.environment),
    });
    props.outcomes.grantPutEventsTo(cancel);
    grantItems(importProcesses, cancel, 'GetItem', 'UpdateItem');
    props.imports.grant(cancel, 'sqs:SendMessage');
    const retry = this.#function('retry', props, { ...imports, ...queue, ...zone });
    grantItems(importProcesses, retry, 'GetItem', 'PutItem');
    props.imports.grant(retry, 'sqs:SendMessage');
    const redrive = this.#function('redrive', props, { ...imports, ...queue });
    grantItems(importProcesses, redrive, 'GetItem', 'PutItem');
    grantQuery(importProcesses, redrive, LISTING_INDEX);
    props.imports.grant(redrive, 'sqs:SendMessage');
    const erase = this.#function('erase', props, {
      ...imports,
      SUPPLY_POINTS_TABLE: supplyPoints.tableName,
      REGISTRY_TABLE: registry.tableName,
    });
    for (const table of [importProcesses, supplyPoints]) grantItems(table, erase, 'GetItem', 'DeleteItem');
    // Only for the audit record.
    grantItems(registry, erase, 'PutItem');

    return [
      { method: 'POST', path: `${SUPPLY_POINTS}/{supplier}/{identifier}/cancel`, function: cancel },
      { method: 'POST', path: `${SUPPLY_POINTS}/{supplier}/{identifier}/retry`, function: retry },
      { method: 'POST', path: `${SUPPLY_POINTS}/{supplier}/redrive`, function: redrive },
      { method: 'DELETE', path: `${SUPPLY_POINTS}/{supplier}/{identifier}/data`, function: erase },
    ];
  }

  /** Routes without a token. Each request invokes a function, within the API's throttle. */
  #open(props: FunctionDefaults): Route[] {
    return [
      { method: 'GET', path: '/', function: this.#function('home', props, {}), isOpen: true },
      { method: 'GET', path: '/health', function: this.#function('health', props, {}), isOpen: true },
    ];
  }

  #function(name: string, props: FunctionDefaults, variables: Record<string, string>): ServiceFunction {
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

/**
 * Adds the routes, and the fallback function for their other methods, which returns 405 to authorized callers, as upstream. An unknown path
 * has no method: API Gateway returns 404 (gateway-responses.ts) without invoking a function.
 */
function addRoutes(
  api: RestApi,
  routes: readonly Route[],
  authorized: MethodOptions,
  fallbackFor: (methodsOfRoutes: Record<string, string[]>) => ServiceFunction,
): void {
  const methods: Record<string, string[]> = {};
  for (const { path, method } of routes) methods[path] = [...(methods[path] ?? []), method];
  const fallback = integration(fallbackFor(methods));
  const add = (resource: IResource, method: string, target: LambdaIntegration, openBecause?: string) => {
    const added = resource.addMethod(method, target, openBecause === undefined ? authorized : undefined);
    if (openBecause !== undefined) acknowledge(added, { 'AwsSolutions-APIG4': openBecause });
  };

  for (const { method, path, function: handler, isOpen } of routes) {
    const resource = api.root.resourceForPath(path);
    const openBecause = isOpen && 'It tells everybody the same, and reads nothing.';
    add(resource, method, integration(handler), openBecause);
    // Django handles HEAD wherever it handles GET. API Gateway does not map HEAD to GET.
    if (method === 'GET') add(resource, 'HEAD', integration(handler), openBecause);
    if (resource.node.tryFindChild('ANY') === undefined) add(resource, 'ANY', fallback, openBecause);
  }
}

/** With one permission per function instead of one per method, because a function's policy is limited to 20 KB. */
function integration(handler: ServiceFunction): LambdaIntegration {
  return new LambdaIntegration(handler.live, { scopePermissionToMethod: false });
}
