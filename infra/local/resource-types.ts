import { ACCOUNT, REGION, type Resource, type RuntimeIdentities, UnsupportedTemplate } from './resource.ts';

/** The values of Ref and of Fn::GetAtt by attribute. */
type Identity = { ref: string; attributes: Record<string, string> };
type IdentityOf = (resource: Resource, runtime: RuntimeIdentities) => Identity;

const arn = (service: string, rest: string): string => `arn:aws:${service}:${REGION}:${ACCOUNT}:${rest}`;
const namedResource =
  (arnOf: (name: string) => string): IdentityOf =>
  ({ name }) => ({ ref: name, attributes: { Arn: arnOf(name) } });
const anonymous: IdentityOf = ({ logicalId }) => ({ ref: logicalId, attributes: {} });

/** Resource types that the host implements. */
const HOSTED: Readonly<Record<string, IdentityOf>> = {
  'AWS::DynamoDB::Table': namedResource((name) => arn('dynamodb', `table/${name}`)),
  'AWS::SQS::Queue': ({ name }, runtime) => ({
    ref: runtime.queueUrl(name),
    attributes: { Arn: arn('sqs', name), QueueName: name, QueueUrl: runtime.queueUrl(name) },
  }),
  'AWS::S3::Bucket': namedResource((name) => `arn:aws:s3:::${name}`),
  'AWS::Lambda::Function': namedResource((name) => arn('lambda', `function:${name}`)),
  'AWS::Lambda::Alias': ({ properties }) => {
    const { FunctionName, Name } = properties();
    const aliasArn = arn('lambda', `function:${FunctionName}:${Name}`);
    return { ref: aliasArn, attributes: { AliasArn: aliasArn } };
  },
  'AWS::Lambda::EventSourceMapping': anonymous,
  'AWS::Events::EventBus': namedResource((name) => arn('events', `event-bus/${name}`)),
  'AWS::Events::Rule': namedResource((name) => arn('events', `rule/${name}`)),
  'AWS::ApiGateway::RestApi': ({ logicalId }) => ({
    ref: logicalId,
    attributes: { RootResourceId: `${logicalId}/` },
  }),
  'AWS::ApiGateway::Resource': anonymous,
  'AWS::ApiGateway::Method': anonymous,
  'AWS::ApiGateway::Authorizer': anonymous,
  'AWS::ApiGateway::GatewayResponse': anonymous,
  'AWS::ApiGateway::Stage': ({ properties }) => ({ ref: String(properties()['StageName']), attributes: {} }),
};

/** Resource types without an implementation on the local host, each with the reason. */
const INERT: Readonly<Record<string, { because: string; identity: IdentityOf }>> = {
  'AWS::ApiGateway::Deployment': {
    because: 'routes are served as the template has them',
    identity: anonymous,
  },
  'AWS::IAM::Role': {
    because: 'infra/local/iam reads it: a function calls as its role',
    // The logical id, because the construct ids of roles are not unique.
    identity: ({ logicalId }) => ({
      ref: logicalId,
      attributes: { Arn: `arn:aws:iam::${ACCOUNT}:role/${logicalId}` },
    }),
  },
  'AWS::IAM::Policy': { because: 'infra/local/iam reads it', identity: anonymous },
  'AWS::Lambda::Version': {
    because: 'every alias points to the only version',
    identity: ({ properties }) => ({
      ref: arn('lambda', `function:${properties()['FunctionName']}:1`),
      attributes: { Version: '1' },
    }),
  },
  'AWS::CodeDeploy::Application': { because: 'nothing is deployed here', identity: anonymous },
  'AWS::CodeDeploy::DeploymentGroup': { because: 'nothing is deployed here', identity: anonymous },
  'AWS::Lambda::Permission': { because: 'the host invokes what the template connects', identity: anonymous },
  'AWS::SQS::QueuePolicy': { because: 'infra/local/iam reads what it denies', identity: anonymous },
  'AWS::S3::BucketPolicy': { because: 'infra/local/iam reads what it denies', identity: anonymous },
  'AWS::Logs::LogGroup': {
    because: 'logs are files here',
    identity: namedResource((name) => arn('logs', `log-group:${name}:*`)),
  },
  'AWS::KMS::Key': {
    because: 'nothing is encrypted here',
    identity: namedResource((name) => arn('kms', `key/${name}`)),
  },
  'AWS::KMS::Alias': { because: 'nothing is encrypted here', identity: anonymous },
  'AWS::SNS::Topic': {
    because: 'alarms are not sent here',
    identity: ({ name }) => ({
      ref: arn('sns', name),
      attributes: { TopicArn: arn('sns', name), TopicName: name },
    }),
  },
  'AWS::SNS::TopicPolicy': { because: 'alarms are not sent here', identity: anonymous },
  'AWS::SNS::Subscription': { because: 'alarms are not sent here', identity: anonymous },
  'AWS::CloudWatch::Alarm': {
    because: 'metrics are only lines in the logs here',
    identity: namedResource((name) => arn('cloudwatch', `alarm:${name}`)),
  },
  'AWS::XRay::SamplingRule': { because: 'nothing is traced here', identity: anonymous },
  'AWS::CloudWatch::Dashboard': { because: 'it shows metrics', identity: anonymous },
  'AWS::ApiGateway::DomainName': { because: 'the API is served at 127.0.0.1', identity: anonymous },
  'AWS::ApiGateway::BasePathMapping': { because: 'the API is served at 127.0.0.1', identity: anonymous },
  'AWS::WAFv2::WebACL': {
    because: 'only this machine reaches the API',
    identity: ({ logicalId, name }) => ({
      ref: logicalId,
      attributes: { Arn: arn('wafv2', `regional/webacl/${name}/${logicalId}`) },
    }),
  },
  'AWS::WAFv2::WebACLAssociation': { because: 'only this machine reaches the API', identity: anonymous },
  'AWS::Events::Archive': { because: 'the last thousand events are at /events', identity: anonymous },
  'AWS::EventSchemas::Registry': {
    because: 'it describes events',
    identity: ({ logicalId }) => ({ ref: logicalId, attributes: { RegistryName: logicalId } }),
  },
  'AWS::EventSchemas::Schema': { because: 'it describes events', identity: anonymous },
  'AWS::SSM::Parameter': { because: 'the addresses are in endpoints.json', identity: anonymous },
  'AWS::Budgets::Budget': { because: 'a laptop costs nothing', identity: anonymous },
  'AWS::CDK::Metadata': { because: 'it is usage data for AWS', identity: anonymous },
};

/** Whether the host implements this resource type. */
export const isHosted = (type: string): boolean => Object.hasOwn(HOSTED, type);

/** Returns the values of Ref and Fn::GetAtt for a resource. @throws UnsupportedTemplate for an unknown type */
export function identityOf(resource: Resource, runtime: RuntimeIdentities): Identity {
  return assertSupportedType(resource)(resource, runtime);
}

/** Checks that the resource's type is known, and returns how to resolve its identity. @throws UnsupportedTemplate */
export function assertSupportedType({ type, logicalId }: Resource): IdentityOf {
  const identity = HOSTED[type] ?? INERT[type]?.identity;
  if (identity !== undefined) return identity;
  throw new UnsupportedTemplate(
    `The local host does not support the resource type ${type} (of ${logicalId}).`,
  );
}
