import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';

/** What a conditional write answers, or undefined where its condition did not hold: under races that is an answer, no failure. */
export async function noneIfLost<T>(write: Promise<T>): Promise<T | undefined> {
  try {
    return await write;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return undefined;
    throw error;
  }
}

/** Whether a conditional write was done. */
export async function unlessLost(write: Promise<unknown>): Promise<boolean> {
  return (await noneIfLost(write)) !== undefined;
}
