import { RemovalPolicy } from 'aws-cdk-lib';
import {
  AccessLogField,
  AccessLogFormat,
  type CfnRestApi,
  EndpointAccessMode,
  EndpointType,
  LogGroupLogDestination,
  RestApi,
  type RestApiProps,
  SecurityPolicy,
  type StageOptions,
} from 'aws-cdk-lib/aws-apigateway';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { Environment } from '../environment.ts';
import type { Encryption } from './encryption.ts';
import { acknowledge } from './findings.ts';
import { addFirewall } from './firewall.ts';
import { addGatewayResponses } from './gateway-responses.ts';
import { addSampling } from './tracing.ts';

/** TLS 1.2 with forward secrecy, or TLS 1.3. This security policy requires an access mode (source: API Gateway, "Security policies for REST APIs"). */
const TLS_1_2_OR_LATER = {
  securityPolicy: SecurityPolicy.TLS13_1_2_PFS_PQ_2025_09,
  endpointAccessMode: EndpointAccessMode.STRICT,
} as const;

/** Without bodies and headers, which contain personal data and tokens. The path is the resource's template. */
const ACCESS_LOG = AccessLogFormat.custom(
  JSON.stringify({
    api_request_id: AccessLogField.contextRequestId(),
    time: AccessLogField.contextRequestTimeEpoch(),
    method: AccessLogField.contextHttpMethod(),
    resource: AccessLogField.contextResourcePath(),
    status: AccessLogField.contextStatus(),
    milliseconds: AccessLogField.contextResponseLatency(),
    function_milliseconds: AccessLogField.contextIntegrationLatency(),
    answered_itself: AccessLogField.contextErrorResponseType(),
    role: AccessLogField.contextAuthorizerPrincipalId(),
    source_ip: AccessLogField.contextIdentitySourceIp(),
  }),
);

/** The REST API with an environment's throttling, tracing, access log, domain and firewall. The caller adds the routes. */
export class ServiceApi extends RestApi {
  /** The API's URL, with a trailing slash. */
  readonly address: string;

  constructor(scope: Construct, environment: Environment, encryption: Encryption) {
    super(scope, 'api', {
      restApiName: `supply-point-import-${environment.name}`,
      endpointTypes: [EndpointType.REGIONAL],
      // API Gateway passes bodies on unchanged. Otherwise it would replace invalid UTF-8, for example in names.
      binaryMediaTypes: ['*/*'],
      // The role is an account-wide setting for all environments. Deleting one stack would delete it.
      cloudWatchRole: false,
      deployOptions: {
        stageName: environment.name,
        // A stage's limits apply to each method. Only a usage plan limits the whole API, but it needs an API key in each request.
        throttlingRateLimit: environment.methodThrottle.requestsPerSecond,
        throttlingBurstLimit: environment.methodThrottle.burstRequests,
        tracingEnabled: true,
        ...accessLog(scope, environment, encryption),
      },
      ...ownDomain(scope, environment),
    });
    requireTls12(this);
    addGatewayResponses(this);
    addSampling(this, environment);
    if (environment.firewall !== undefined) addFirewall(this, environment.firewall);
    this.address = environment.domain === undefined ? this.url : `https://${environment.domain.name}/`;
    acknowledgeApi(this, environment);
  }
}

function accessLog(scope: Construct, environment: Environment, encryption: Encryption): StageOptions {
  if (!environment.hasAccessLog) return {};
  const logGroup = new LogGroup(scope, 'access-log', {
    retention: environment.logRetentionDays,
    removalPolicy: RemovalPolicy.DESTROY,
    ...encryption.ownKey,
  });
  return { accessLogDestination: new LogGroupLogDestination(logGroup), accessLogFormat: ACCESS_LOG };
}

/** Maps the custom domain at `/`, for the contract's paths, and disables API Gateway's default endpoint. */
function ownDomain(
  scope: Construct,
  { domain }: Environment,
): Pick<RestApiProps, 'domainName' | 'disableExecuteApiEndpoint'> {
  if (domain === undefined) return {};
  return {
    disableExecuteApiEndpoint: true,
    domainName: {
      domainName: domain.name,
      certificate: Certificate.fromCertificateArn(scope, 'certificate', domain.certificateArn),
      endpointType: EndpointType.REGIONAL,
      ...TLS_1_2_OR_LATER,
    },
  };
}

/**
 * Requires TLS 1.2 on the default endpoint. Without a policy a Regional API accepts TLS 1.0 (source: API Gateway, "Security policies for
 * REST APIs"). AWS recommends STRICT: the server name of the handshake must match the request's host.
 */
function requireTls12(api: RestApi): void {
  const { securityPolicy, endpointAccessMode } = TLS_1_2_OR_LATER;
  const restApi = api.node.defaultChild as CfnRestApi;
  restApi.securityPolicy = securityPolicy;
  restApi.endpointAccessMode = endpointAccessMode;
}

function acknowledgeApi(api: RestApi, { hasAccessLog, firewall }: Environment): void {
  const noFirewall =
    'The environment has no firewall: its few callers are authenticated pipelines, and each method is throttled.';
  const noExecutionLog =
    'Execution logs contain requests with personal data, in a log group without retention or encryption key.';
  acknowledge(api, {
    'AwsSolutions-APIG2':
      'The functions validate requests, because the contract defines the error responses.',
    ...(firewall === undefined && {
      'AwsSolutions-APIG3': noFirewall,
      'NIST.800.53.R5-APIGWAssociatedWithWAF': noFirewall,
    }),
    'AwsSolutions-APIG6': noExecutionLog,
    'AwsSolutions-COG4': 'A Lambda authorizer checks the contract’s tokens.',
    'NIST.800.53.R5-APIGWCacheEnabledAndEncrypted': 'Responses change at any time, so they are not cached.',
    'NIST.800.53.R5-APIGWExecutionLoggingEnabled': noExecutionLog,
    'NIST.800.53.R5-APIGWSSLEnabled':
      'All integrations are Lambda functions, which API Gateway calls with IAM authorization.',
    ...(hasAccessLog
      ? {}
      : {
          'AwsSolutions-APIG1':
            'Access logs need an account-wide role, which this environment does not require.',
        }),
  });
}
