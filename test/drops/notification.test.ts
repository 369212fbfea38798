import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { Notification, objectsOf } from '../../shared/drops/notification.ts';

describe('a notification of S3', () => {
  it('has the buckets and keys of its objects, decoded', () => {
    const object = (key: string) => ({ s3: { bucket: { name: 'drops' }, object: { key } } });
    const notification = v.parse(Notification, {
      Records: [object('A/a+file.csv'), object('A/%C3%A4%2B.json')],
    });
    expect(objectsOf(notification)).toEqual([
      { bucket: 'drops', key: 'A/a file.csv' },
      { bucket: 'drops', key: 'A/ä+.json' },
    ]);
  });

  it('may be a test without records', () => {
    expect(objectsOf(v.parse(Notification, { Event: 's3:TestEvent' }))).toEqual([]);
  });
});
