import { GetStageCommand, UpdateStageCommand } from '@aws-sdk/client-api-gateway';
import {
  DeleteFunctionConcurrencyCommand,
  GetFunctionConcurrencyCommand,
  PutFunctionConcurrencyCommand,
} from '@aws-sdk/client-lambda';
import type { ExpectedResponse } from '../../cli/check/check.ts';
import { compare } from '../../cli/check/run-check.ts';
import { SUPPLY_POINTS } from '../../shared/api/operations.ts';
import { type Account, type ChangingCheck, differs, eventually, type Outcome, ok, skipped } from './check.ts';
import type { TemporarySupplier } from './temporary-supplier.ts';

const UNAVAILABLE: ExpectedResponse = {
  status: 503,
  body: { detail: 'A server error occurred.', code: 'error' },
};
const THROTTLED: ExpectedResponse = {
  status: 429,
  body: { detail: 'Request was throttled.', code: 'throttled' },
};
/** Number of concurrent requests against a limit of one. */
const BURST = 20;
/** The method whose limit is lowered. No import depends on `health`. */
const METHOD = { path: '/health/', setting: '~1health/GET' };

/** Checks the responses to throttled requests. */
export const throttleChecks: readonly ChangingCheck[] = [
  {
    name: 'a throttled function has the contract’s 503',
    changes: 'throttles the function validate for up to a minute: other clients’ requests to it get 503',
    run: throttledFunction,
  },
  {
    name: 'requests above a method’s limit have the contract’s 429',
    changes: 'lowers the limit of GET /health/ for up to a minute: other clients’ requests to it may get 429',
    run: throttledMethod,
  },
];

async function throttledFunction(account: Account, supplier: TemporarySupplier): Promise<Outcome> {
  const { clients, deployed, changes, service, waitMs } = account;
  const FunctionName = deployed.nameOf('importapivalidate');
  const { ReservedConcurrentExecutions: before } = await clients.lambda.send(
    new GetFunctionConcurrencyCommand({ FunctionName }),
  );
  const reserve = (ReservedConcurrentExecutions: number) =>
    clients.lambda.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions }));
  const { undo } = await changes.make(
    `the function ${FunctionName} is throttled (aws lambda delete-function-concurrency --function-name ${FunctionName})`,
    () => reserve(0),
    () =>
      before === undefined
        ? clients.lambda.send(new DeleteFunctionConcurrencyCommand({ FunctionName }))
        : reserve(before),
  );
  const request = {
    method: 'POST',
    path: `${SUPPLY_POINTS}/validate/`,
    authorization: supplier.authorization,
    json: supplier.dryRun().body,
  };
  const outcome = await eventually(waitMs, async () => compare(UNAVAILABLE, await service(request)));
  await undo();
  if (outcome.kind !== 'ok') return outcome;
  return eventually(waitMs, async () => {
    const { status } = await service(request);
    return status === 200 ? ok() : differs(`after it was restored, the status is ${status}`);
  });
}

async function throttledMethod({ clients, deployed, changes, service, waitMs }: Account): Promise<Outcome> {
  const named = (type: string) => deployed.resources.find((resource) => resource.type === type)?.name;
  const stage = { restApiId: named('AWS::ApiGateway::RestApi'), stageName: named('AWS::ApiGateway::Stage') };
  const { methodSettings = {} } = await clients.apiGateway.send(new GetStageCommand(stage));
  if (methodSettings[METHOD.setting] !== undefined)
    return skipped(`${METHOD.setting} has settings of its own`);
  const update = (...patchOperations: { op: 'replace' | 'remove'; path: string; value?: string }[]) =>
    clients.apiGateway.send(new UpdateStageCommand({ ...stage, patchOperations }));
  const { undo } = await changes.make(
    `the limit of ${METHOD.setting} is lowered (aws apigateway update-stage --rest-api-id ${stage.restApiId} --stage-name ${stage.stageName} --patch-operations op=remove,path=/${METHOD.setting})`,
    // Paths of method settings: source: AWS CLI, "apigateway update-stage", its first example.
    () =>
      update(
        { op: 'replace', path: `/${METHOD.setting}/throttling/rateLimit`, value: '1' },
        { op: 'replace', path: `/${METHOD.setting}/throttling/burstLimit`, value: '1' },
      ),
    () => update({ op: 'remove', path: `/${METHOD.setting}` }),
  );
  const request = { method: 'GET', path: METHOD.path };
  const outcome = await eventually(waitMs, async () => {
    const responses = await Promise.all(Array.from({ length: BURST }, () => service(request)));
    const above = responses.filter(({ status }) => status !== 200);
    if (above.length === 0) return differs(`${BURST} concurrent requests all have 200`);
    const wrong = above.map((found) => compare(THROTTLED, found)).find(({ kind }) => kind !== 'ok');
    return wrong ?? ok(`${above.length} of ${BURST}`);
  });
  await undo();
  return outcome;
}
