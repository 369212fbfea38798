import { randomUUID } from 'node:crypto';
import type { HostedFunction } from './functions.ts';
import { ACCOUNT, REGION, type Resource, UnsupportedTemplate } from './resource.ts';

const UNIT_SECONDS: Readonly<Record<string, number>> = { minute: 60, hour: 3600, day: 86_400 };

type Rule = { ScheduleExpression?: string; State?: string; Targets?: { Arn: string; Input?: string }[] };

/** Starts a timer that invokes the targets of a scheduled rule. Returns a function that stops it. @throws UnsupportedTemplate */
export function startSchedule(
  rule: Resource,
  functionOf: (arn: string) => HostedFunction | undefined,
): () => void {
  const { ScheduleExpression = '', State = 'ENABLED', Targets = [] } = rule.properties() as Rule;
  const [, count, unit] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(ScheduleExpression) ?? [];
  if (unit === undefined) {
    throw new UnsupportedTemplate(
      `The local host cannot serve the schedule "${ScheduleExpression}" of ${rule.logicalId}.`,
    );
  }
  const targets = Targets.map(({ Arn, Input }) => {
    const target = functionOf(Arn);
    if (target === undefined)
      throw new UnsupportedTemplate(`The schedule ${rule.logicalId} has a target that is not a function.`);
    return () => target.invoke(Input === undefined ? scheduledEvent(rule) : JSON.parse(Input));
  });
  if (State !== 'ENABLED') return () => {};
  const timer = setInterval(
    () => {
      for (const invoke of targets) void invoke();
    },
    Number(count) * UNIT_SECONDS[unit]! * 1000,
  );
  return () => clearInterval(timer);
}

function scheduledEvent(rule: Resource): object {
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account: ACCOUNT,
    time: new Date().toISOString(),
    region: REGION,
    resources: [`arn:aws:events:${REGION}:${ACCOUNT}:rule/${rule.name}`],
    detail: {},
  };
}
