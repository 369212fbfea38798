import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';

/** Returns the result of a conditional write, or undefined instead of throwing when the condition fails. */
export async function undefinedIfConditionFailed<T>(write: Promise<T>): Promise<T | undefined> {
  try {
    return await write;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return undefined;
    throw error;
  }
}

/** Waits for a conditional write. Returns false, and nothing was written, when the condition failed. */
export async function isConditionMet(write: Promise<unknown>): Promise<boolean> {
  return (await undefinedIfConditionFailed(write)) !== undefined;
}
