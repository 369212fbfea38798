import { CfnBudget } from 'aws-cdk-lib/aws-budgets';
import type { Construct } from 'constructs';
import type { Environment } from '../environment.ts';

/** Thresholds in percent of the budget: of the actual and of the forecasted cost. */
const NOTIFICATIONS = [
  { notificationType: 'ACTUAL', threshold: 80 },
  { notificationType: 'FORECASTED', threshold: 100 },
] as const;

/**
 * Adds a monthly budget for the resources with the environment's tag, with notifications by email. The tag `environment` has to be
 * activated once as a cost allocation tag of the account (docs/operations.md, "Prepare an account"). Until then the measured cost is zero.
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
