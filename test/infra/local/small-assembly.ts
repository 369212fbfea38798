import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type HostOptions, startHost } from '../../../infra/local/host.ts';

type Resource = { Type: string; Properties?: object; Metadata?: object };
type SmallFunction = {
  /** The bundle: an ES module. */
  code: string;
  properties?: object;
  /** The queue that triggers the function, and the mapping's properties. */
  from?: { queue: string; properties?: object };
  /** A queue that the function may send to. */
  sendsTo?: string;
};
export type SmallTemplate = {
  functions?: Record<string, SmallFunction>;
  /** Properties of queues by name; `deadLetters` names another of them. */
  queues?: Record<string, { VisibilityTimeout?: number; deadLetters?: { queue: string; after: number } }>;
  /** Further resources of the template. */
  resources?: Record<string, Resource>;
};

const STACK = 'small';

/**
 * Hosts a template for a test. Its functions are served at `/<name>` without a token.
 *
 * @throws the errors of startHost
 */
export async function startSmallHost(template: SmallTemplate, options: Pick<HostOptions, 'storeUnits'> = {}) {
  const assembly = mkdtempSync(join(tmpdir(), 'supply-point-import-small-'));
  const clean = () => rmSync(assembly, { recursive: true, force: true });
  const resources = {
    ...API,
    ...queuesOf(template),
    ...functionsOf(template, assembly),
    ...template.resources,
  };
  writeFileSync(join(assembly, `${STACK}.template.json`), JSON.stringify({ Resources: resources }));
  try {
    const host = await startHost({ assembly, stackName: STACK, port: 0, ...options });
    const stop = () => host.stop().finally(clean);
    return { ...host, stop, url: (name: string) => `${host.endpoints.api}/${name}` };
  } catch (error) {
    clean();
    throw error;
  }
}
export type SmallHost = Awaited<ReturnType<typeof startSmallHost>>;

const called = (name: string) => ({ 'aws:cdk:path': `${STACK}/${name}/Resource` });
const arnOf = (logicalId: string) => ({ 'Fn::GetAtt': [logicalId, 'Arn'] });

const API: Record<string, Resource> = {
  Api: { Type: 'AWS::ApiGateway::RestApi', Properties: { BinaryMediaTypes: ['*/*'] } },
  Stage: { Type: 'AWS::ApiGateway::Stage', Properties: { StageName: 'test' } },
};

function queuesOf({ queues = {} }: SmallTemplate): Record<string, Resource> {
  const resources = Object.entries(queues).map(([name, { deadLetters, ...properties }]) => {
    const RedrivePolicy = deadLetters && {
      deadLetterTargetArn: arnOf(`Queue${deadLetters.queue}`),
      maxReceiveCount: deadLetters.after,
    };
    return [
      `Queue${name}`,
      { Type: 'AWS::SQS::Queue', Properties: { ...properties, RedrivePolicy }, Metadata: called(name) },
    ];
  });
  return Object.fromEntries(resources);
}

function functionsOf({ functions = {} }: SmallTemplate, assembly: string): Record<string, Resource> {
  const resources = Object.entries(functions).flatMap(([name, small]) => {
    mkdirSync(join(assembly, name));
    writeFileSync(join(assembly, name, 'index.mjs'), small.code);
    return Object.entries({
      [`Function${name}`]: {
        Type: 'AWS::Lambda::Function',
        Properties: {
          Timeout: 2,
          MemorySize: 128,
          Role: arnOf(`Role${name}`),
          ...small.properties,
        },
        Metadata: { ...called(name), 'aws:asset:path': name },
      },
      [`Role${name}`]: roleOf(name, small),
      ...routeTo(name),
      ...(small.from === undefined ? {} : { [`Source${name}`]: mapping(name, small.from) }),
    });
  });
  return Object.fromEntries(resources);
}

/** A function's role, with the permissions for its queues. */
function roleOf(name: string, { from, sendsTo }: SmallFunction): Resource {
  const allow = (queue: string, Action: string[]) => ({
    Effect: 'Allow',
    Action,
    Resource: arnOf(`Queue${queue}`),
  });
  const Statement = [
    ...(from
      ? [allow(from.queue, ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'])]
      : []),
    ...(sendsTo ? [allow(sendsTo, ['sqs:SendMessage'])] : []),
  ];
  const Policies = Statement.length > 0 && [
    { PolicyName: 'queue', PolicyDocument: { Version: '2012-10-17', Statement } },
  ];
  return {
    Type: 'AWS::IAM::Role',
    Properties: Policies ? { Policies } : {},
    Metadata: called(`${name}-role`),
  };
}

function routeTo(name: string): Record<string, Resource> {
  const uri = [
    'arn:aws:apigateway:x:lambda:path/2015-03-31/functions/',
    arnOf(`Function${name}`),
    '/invocations',
  ];
  return {
    [`Resource${name}`]: {
      Type: 'AWS::ApiGateway::Resource',
      Properties: { ParentId: { 'Fn::GetAtt': ['Api', 'RootResourceId'] }, PathPart: name },
    },
    [`Method${name}`]: {
      Type: 'AWS::ApiGateway::Method',
      Properties: {
        ResourceId: { Ref: `Resource${name}` },
        HttpMethod: 'ANY',
        Integration: { Type: 'AWS_PROXY', Uri: { 'Fn::Join': ['', uri] } },
      },
    },
  };
}

function mapping(name: string, { queue, properties }: NonNullable<SmallFunction['from']>): Resource {
  return {
    Type: 'AWS::Lambda::EventSourceMapping',
    Properties: {
      EventSourceArn: arnOf(`Queue${queue}`),
      FunctionName: { Ref: `Function${name}` },
      BatchSize: 10,
      ...properties,
    },
  };
}
