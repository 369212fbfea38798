import { expect, it } from 'vitest';
import { startSmallHost } from './small-assembly.ts';

const bucket = (properties: object) => ({
  resources: { Bucket: { Type: 'AWS::S3::Bucket', Properties: properties } },
});

it.each([
  [
    'a resource type',
    { resources: { Stream: { Type: 'AWS::Kinesis::Stream' } } },
    'The local host does not support the resource type AWS::Kinesis::Stream (of Stream).',
  ],
  [
    'an intrinsic function',
    {
      functions: {
        f: {
          code: '',
          properties: { Environment: { Variables: { A: { 'Fn::GetAZs': '' } } } },
        },
      },
    },
    'The local host does not support the function Fn::GetAZs.',
  ],
  [
    'an alias that a function does not have',
    {
      queues: { q: {} },
      functions: {
        f: {
          code: '',
          from: {
            queue: 'q',
            properties: { FunctionName: { 'Fn::Join': [':', [{ Ref: 'Functionf' }, 'old']] } },
          },
        },
      },
      resources: {
        Live: {
          Type: 'AWS::Lambda::Alias',
          Properties: { FunctionName: { Ref: 'Functionf' }, Name: 'live' },
        },
      },
    },
    'The local host cannot serve the event source Sourcef.',
  ],
  [
    'an attribute',
    {
      functions: {
        f: {
          code: '',
          properties: { Environment: { Variables: { A: { 'Fn::GetAtt': ['Api', 'Color'] } } } },
        },
      },
    },
    'The local host does not support the attribute Color of Api (AWS::ApiGateway::RestApi).',
  ],
  [
    'a reference to nothing',
    { functions: { f: { code: '', properties: { Environment: { Variables: { A: { Ref: 'Nobody' } } } } } } },
    'The template refers to Nobody, which it does not have.',
  ],
  [
    'a notification',
    bucket({ NotificationConfiguration: { LambdaConfigurations: [] } }),
    'The local host cannot serve the notifications LambdaConfigurations of Bucket.',
  ],
  [
    'a schedule',
    {
      resources: {
        Rule: {
          Type: 'AWS::Events::Rule',
          Properties: { ScheduleExpression: 'cron(0 * * * ? *)', Targets: [] },
        },
      },
    },
    'The local host cannot serve the schedule "cron(0 * * * ? *)" of Rule.',
  ],
  [
    'an event source',
    {
      functions: { f: { code: '' } },
      resources: {
        Source: {
          Type: 'AWS::Lambda::EventSourceMapping',
          Properties: { EventSourceArn: 'arn:aws:kinesis:x:0:stream/s', FunctionName: { Ref: 'Functionf' } },
        },
      },
    },
    'The local host cannot serve the event source Source.',
  ],
])('the host rejects %s that it does not support with a clear error', async (_, template, message) => {
  await expect(startSmallHost(template)).rejects.toThrow(
    expect.objectContaining({ name: 'UnsupportedTemplate', message }),
  );
});
