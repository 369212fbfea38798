import { randomUUID } from 'node:crypto';
import {
  DeleteRuleCommand,
  DescribeArchiveCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import { paginateListSubscriptionsByTopic } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SetQueueAttributesCommand,
} from '@aws-sdk/client-sqs';
import { SUPPLY_POINTS } from '../../shared/api/operations.ts';
import {
  type Account,
  type ChangingCheck,
  differs,
  eventually,
  type Outcome,
  ok,
  type ReadOnlyCheck,
  skipped,
} from './check.ts';
import { SUPPLIER, type TemporarySupplier } from './temporary-supplier.ts';

const DETAIL_TYPE = 'data_import.import_process.dry_run_complete-v1';
/** Duration of one poll of the queue. Each poll sends another import, because a new rule takes effect after a delay. */
const LONG_POLL_SECONDS = 10;

/** Checks the alarms' subscription, and the archive of events. */
export const notificationChecks: readonly ReadOnlyCheck[] = [
  { name: 'the alarms’ address is confirmed', run: alarmAddress },
  { name: 'the archive of outcome events is enabled', run: archive },
];

export const eventCheck: ChangingCheck = {
  name: 'an outcome event reaches a rule’s queue',
  changes: 'creates a rule on the event bus and a queue for it, imports dry runs, and deletes all of them',
  run: outcomeEvent,
};

async function alarmAddress({ environment: { alarmEmail }, deployed, clients }: Account): Promise<Outcome> {
  if (alarmEmail === undefined) return skipped('the row has no alarmEmail');
  const TopicArn = deployed.output('AlarmsTopic');
  for await (const page of paginateListSubscriptionsByTopic({ client: clients.sns }, { TopicArn })) {
    const found = page.Subscriptions?.find(
      ({ Protocol, Endpoint }) => Protocol === 'email' && Endpoint === alarmEmail,
    );
    if (found === undefined) continue;
    // SNS returns this in place of the ARN until the address is confirmed (source: SNS, ListSubscriptionsByTopic).
    if (found.SubscriptionArn !== 'PendingConfirmation') return ok(alarmEmail);
    return differs(`${alarmEmail} has not followed the link in AWS’s mail`);
  }
  return differs(`${alarmEmail} has no subscription, or has ended it`);
}

async function archive({ deployed, clients }: Account): Promise<Outcome> {
  const ArchiveName = deployed.resources.find(({ type }) => type === 'AWS::Events::Archive')?.name;
  if (ArchiveName === undefined) return differs('the stack has no archive');
  const { State, EventCount = 0 } = await clients.eventBridge.send(
    new DescribeArchiveCommand({ ArchiveName }),
  );
  return State === 'ENABLED' ? ok(`${EventCount} events`) : differs(`it is ${State}`);
}

async function outcomeEvent(account: Account, supplier: TemporarySupplier): Promise<Outcome> {
  const { service, clients, waitMs } = account;
  const QueueUrl = await createEventQueue(account);
  return eventually(waitMs, async () => {
    const { body: json } = supplier.dryRun();
    const { authorization } = supplier;
    const { status } = await service({ method: 'POST', path: `${SUPPLY_POINTS}/`, authorization, json });
    if (status !== 201) return differs(`an import request has ${status}, not 201`);
    const { Messages = [] } = await clients.sqs.send(
      new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: LONG_POLL_SECONDS }),
    );
    const event = JSON.parse(Messages[0]?.Body ?? 'null');
    if (event === null) return differs('no event has come');
    const { 'detail-type': type, detail } = event as {
      'detail-type': string;
      detail: Record<string, unknown>;
    };
    if (type === DETAIL_TYPE && detail['import_supplier'] === SUPPLIER) return ok(String(detail['id']));
    return differs(`another event has come: ${type} of ${detail['import_supplier']}`);
  });
}

/** Creates a queue and a rule that sends it the outcome events of these checks' imports. Returns the queue's URL. */
async function createEventQueue({
  clients: { sqs, eventBridge },
  deployed,
  changes,
}: Account): Promise<string> {
  const name = `account-checks-${randomUUID().slice(0, 8)}`;
  const EventBusName = deployed.output('OutcomesBus');
  let QueueUrl = '';
  await changes.make(
    `the queue ${name}`,
    async () => {
      QueueUrl = (await sqs.send(new CreateQueueCommand({ QueueName: name }))).QueueUrl ?? '';
    },
    () => sqs.send(new DeleteQueueCommand({ QueueUrl })),
  );
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }),
  );
  const Arn = Attributes?.['QueueArn'] ?? '';
  const rule = { Name: name, EventBusName };
  const EventPattern = JSON.stringify({
    'detail-type': [DETAIL_TYPE],
    detail: { import_supplier: [SUPPLIER] },
  });
  const { value } = await changes.make(
    `the rule ${name} of the bus ${EventBusName}`,
    () => eventBridge.send(new PutRuleCommand({ ...rule, EventPattern })),
    () => eventBridge.send(new DeleteRuleCommand(rule)),
  );
  // Source: EventBridge guide, "Using resource-based policies for Amazon EventBridge", Amazon SQS permissions.
  const Policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: 'events.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Resource: Arn,
        Condition: { ArnEquals: { 'aws:SourceArn': value.RuleArn } },
      },
    ],
  });
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }));
  await changes.make(
    `the target of the rule ${name}`,
    () =>
      eventBridge.send(new PutTargetsCommand({ Rule: name, EventBusName, Targets: [{ Id: 'queue', Arn }] })),
    () => eventBridge.send(new RemoveTargetsCommand({ Rule: name, EventBusName, Ids: ['queue'] })),
  );
  return QueueUrl;
}
