import { describe, expect, it } from 'vitest';
import { HttpError, responseTo } from '../../functions/edge/responses.ts';

const named = (name: string): Error => Object.assign(new Error('not to be sent'), { name });
const body = { detail: 'A server error occurred.', code: 'error' };

describe('the response to a thrown error', () => {
  it.each([
    // The SDK's error after its time-outs, DynamoDB's throttling errors, and the domain's own.
    'TimeoutError',
    'ProvisionedThroughputExceededException',
    'RequestLimitExceeded',
    'ThrottlingException',
    'SubmissionContended',
  ])('is 503 for the transient %s, which is logged', (name) => {
    expect(responseTo(named(name))).toEqual({ response: { status: 503, body }, isUnexpected: true });
  });

  it.each([
    named('TypeError'),
    named('ResourceNotFoundException'),
    'TimeoutError',
    { name: 'TimeoutError' },
    undefined,
  ])('is 500 for any other: %s', (error) => {
    expect(responseTo(error)).toEqual({ response: { status: 500, body }, isUnexpected: true });
  });

  it('is its own for an HttpError, which is not logged', () => {
    const error = new HttpError(418, { detail: 'x' }, { 'X-A': 'b' });
    expect(responseTo(error)).toEqual({
      response: { status: 418, body: { detail: 'x' }, headers: { 'X-A': 'b' } },
      isUnexpected: false,
    });
  });
});
