import { DescribeCertificateCommand } from '@aws-sdk/client-acm';
import { GetAccountCommand } from '@aws-sdk/client-api-gateway';
import { DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { GetAccountSettingsCommand } from '@aws-sdk/client-lambda';
import { paginateListSubscriptions, type Subscription } from '@aws-sdk/client-sns';
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { type Environment, stackNameOf } from '../../infra/environment.ts';
import { awsProblem } from '../command/aws.ts';
import type { Clients } from './clients.ts';
import { concurrencyOf } from './concurrency.ts';
import { stackFinding } from './stack-state.ts';

/** A check's result. `to do` and `unknown` prevent a deployment. */
export type Finding = { kind: 'ok' | 'note' | 'to do' | 'unknown'; check: string; text: string };
type Outcome = Omit<Finding, 'check'>;
type Target = { account: string; region: string };

/** Minimum bootstrap version that the CDK's stacks require (source: aws-cdk-lib, DefaultStackSynthesizer). */
const BOOTSTRAP_VERSION_MIN = 6;
const BOOTSTRAP_PARAMETER = '/cdk-bootstrap/hnb659fds/version';

const ok = (text: string): Outcome => ({ kind: 'ok', text });
const note = (text: string): Outcome => ({ kind: 'note', text });
const toDo = (text: string): Outcome => ({ kind: 'to do', text });

/**
 * Checks an environment's prerequisites for a deployment.
 *
 * @returns a finding for each check, in order
 * @throws CommandError if there are no credentials, or AWS cannot be reached
 */
export async function preflight(environment: Environment, clients: Clients): Promise<Finding[]> {
  const region = await regionOf(clients);
  const { Account: account = '' } = await clients.sts
    .send(new GetCallerIdentityCommand({}))
    .catch((error) => Promise.reject(awsProblem(error) ?? error));
  const target = { account, region };
  const checks: Record<string, () => Outcome | Promise<Outcome>> = {
    account: () => accountOutcome(environment, target),
    region: () => regionOutcome(environment),
    'CDK bootstrap': () => bootstrapOutcome(clients, target),
    'API Gateway’s log role': () => logRoleOutcome(environment, clients),
    'Lambda concurrency': () => concurrencyOutcome(environment, clients),
    certificate: () => certificateOutcome(environment, clients),
    'alarm address': () => alarmAddressOutcome(environment, clients),
    stack: () => stackOutcome(environment, clients),
  };
  const findings: Finding[] = [];
  for (const [check, work] of Object.entries(checks)) {
    findings.push({ check, ...(await outcomeOf(work)) });
  }
  return findings;
}

/** Runs a check. A request that AWS rejects makes it `unknown`, and the other checks continue. */
async function outcomeOf(work: () => Outcome | Promise<Outcome>): Promise<Outcome> {
  try {
    return await work();
  } catch (error) {
    const problem = awsProblem(error);
    if (problem === undefined) throw error;
    return { kind: 'unknown', text: problem.message };
  }
}

async function regionOf({ sts }: Clients): Promise<string> {
  try {
    return await sts.config.region();
  } catch (error) {
    throw awsProblem(error) ?? error;
  }
}

function accountOutcome({ account }: Environment, target: Target): Outcome {
  if (account === undefined) return note(`${target.account}; the row allows any.`);
  if (account === target.account) return ok(account);
  return toDo(
    `the row says ${account}, and the credentials are of ${target.account}. Use the account’s credentials, or set account in infra/environments.ts.`,
  );
}

/** The stack is deployed to the row's region, but the commands in docs/operations.md use AWS_REGION. */
function regionOutcome({ region }: Environment): Outcome {
  const configured = process.env['AWS_REGION'];
  if (region === undefined) return note('the row allows any.');
  if (configured === undefined || configured === region) return ok(region);
  return toDo(`the row says ${region}, and AWS_REGION is ${configured}: export AWS_REGION=${region}`);
}

async function bootstrapOutcome({ ssm }: Clients, { account, region }: Target): Promise<Outcome> {
  const command = `npx cdk bootstrap aws://${account}/${region}`;
  try {
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name: BOOTSTRAP_PARAMETER }));
    const version = Number(Parameter?.Value);
    if (version >= BOOTSTRAP_VERSION_MIN) return ok(`version ${version}`);
    return toDo(`version ${version} is older than ${BOOTSTRAP_VERSION_MIN}: ${command}`);
  } catch (error) {
    if ((error as Error).name !== 'ParameterNotFound') throw error;
    return toDo(`there is none in this account and region: ${command}`);
  }
}

async function logRoleOutcome({ hasAccessLog }: Environment, { apiGateway }: Clients): Promise<Outcome> {
  if (!hasAccessLog) return note('the row asks for no access log.');
  const { cloudwatchRoleArn } = await apiGateway.send(new GetAccountCommand({}));
  if (cloudwatchRoleArn) return ok(cloudwatchRoleArn);
  return toDo('there is none: docs/operations.md, "Prepare an account", step 2.');
}

async function concurrencyOutcome(environment: Environment, { lambda }: Clients): Promise<Outcome> {
  const { AccountLimit } = await lambda.send(new GetAccountSettingsCommand({}));
  const limit = AccountLimit?.ConcurrentExecutions ?? 0;
  const needed = concurrencyOf(environment);
  if (limit >= needed) return ok(`${limit} concurrent executions; the row’s limits add up to ${needed}.`);
  // L-B99A9384 is "Concurrent executions" (source: Service Quotas, Lambda).
  return toDo(
    `${limit} concurrent executions, and the row’s limits add up to ${needed}: aws service-quotas request-service-quota-increase --service-code lambda --quota-code L-B99A9384 --desired-value 1000`,
  );
}

async function certificateOutcome({ domain }: Environment, { acm }: Clients): Promise<Outcome> {
  if (domain === undefined) return note('the row has no domain.');
  try {
    const { Certificate } = await acm.send(
      new DescribeCertificateCommand({ CertificateArn: domain.certificateArn }),
    );
    const { Status = 'without a status', SubjectAlternativeNames = [] } = Certificate ?? {};
    if (Status !== 'ISSUED') return toDo(`it is ${Status}: validate it, and wait until it is ISSUED.`);
    if (SubjectAlternativeNames.some((name) => covers(name, domain.name))) return ok(`for ${domain.name}`);
    return toDo(`it is for ${SubjectAlternativeNames.join(', ')}, and not for ${domain.name}.`);
  } catch (error) {
    if ((error as Error).name !== 'ResourceNotFoundException') throw error;
    return toDo(`there is no ${domain.certificateArn} in this account and region.`);
  }
}

/** Whether a certificate's name matches a host. `*` matches one label (source: RFC 6125, 6.4.3). */
export function covers(name: string, host: string): boolean {
  if (!name.startsWith('*.')) return name.toLowerCase() === host;
  return host.slice(host.indexOf('.')) === name.slice(1).toLowerCase();
}

async function alarmAddressOutcome({ name, alarmEmail }: Environment, { sns }: Clients): Promise<Outcome> {
  if (alarmEmail === undefined) return note('the row has none: nobody receives alarms.');
  const found: Subscription[] = [];
  for await (const { Subscriptions = [] } of paginateListSubscriptions({ client: sns }, {})) {
    found.push(
      ...Subscriptions.filter(({ Protocol, Endpoint }) => Protocol === 'email' && Endpoint === alarmEmail),
    );
  }
  // CloudFormation derives the topic's name from the nested stack's.
  const prefix = `:${stackNameOf({ name })}-service`;
  const subscription = found.find(({ TopicArn }) => TopicArn?.includes(prefix));
  if (subscription === undefined) return note(`the first deployment sends ${alarmEmail} a mail to confirm.`);
  // SNS returns this in place of the ARN until the address is confirmed (source: SNS, ListSubscriptions).
  if (subscription.SubscriptionArn !== 'PendingConfirmation') return ok(`${alarmEmail} is confirmed.`);
  return toDo(
    `${alarmEmail} has not confirmed: follow the link in the mail "AWS Notification - Subscription Confirmation".`,
  );
}

async function stackOutcome(environment: Environment, { cloudFormation }: Clients): Promise<Outcome> {
  const StackName = stackNameOf(environment);
  try {
    const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({ StackName }));
    return stackFinding(environment, Stacks?.[0]?.StackStatus);
  } catch (error) {
    const { name, message } = error as Error;
    if (name === 'ValidationError' && message.endsWith('does not exist')) {
      return stackFinding(environment, undefined);
    }
    throw error;
  }
}
