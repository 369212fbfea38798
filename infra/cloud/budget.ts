import { CfnBudget } from 'aws-cdk-lib/aws-budgets';
import type { Construct } from 'constructs';
import type { Environment } from '../environment.ts';

/** Percentages of the budget at which the address is told: of what was spent, and of what the month is expected to cost. */
const NOTIFICATIONS = [
  { notificationType: 'ACTUAL', threshold: 80 },
  { notificationType: 'FORECASTED', threshold: 100 },
] as const;

/**
 * A monthly budget of what carries the environment's tag, told by mail. The tag `environment` has to be activated once as a cost
 * allocation tag of the account (docs/operations.md, "Prepare an account"); until then the budget stays at zero.
 */
export function addBudget(scope: Construct, { name, alarmEmail, budget }: Environment): void {
  if (budget === undefined || alarmEmail === undefined) return;
  const subscribers = [{ subscriptionType: 'EMAIL', address: alarmEmail }];
  new CfnBudget(scope, 'budget', {
    budget: {
      budgetType: 'COST',
      timeUnit: 'MONTHLY',
      budgetLimit: { amount: budget.dollarsAMonth, unit: 'USD' },
      // Source: AWS Budgets, "CostFilters": `user:<tag>$<value>`.
      costFilters: { TagKeyValue: [`user:environment$${name}`] },
    },
    notificationsWithSubscribers: NOTIFICATIONS.map((notification) => ({
      notification: { ...notification, comparisonOperator: 'GREATER_THAN', thresholdType: 'PERCENTAGE' },
      subscribers,
    })),
  });
}
