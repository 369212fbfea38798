import * as v from 'valibot';

/** The fields of an S3 event notification that are used here. S3's test event has no records. */
export const Notification = v.object({
  Records: v.optional(
    v.array(
      v.object({
        s3: v.object({ bucket: v.object({ name: v.string() }), object: v.object({ key: v.string() }) }),
      }),
    ),
    [],
  ),
});
export type Notification = v.InferOutput<typeof Notification>;

/**
 * Returns the objects of a notification. Their keys are form-encoded: a space is `+`, other characters are percent-encoded.
 *
 * @throws URIError for a key with a malformed encoding.
 */
export function objectsOf({ Records }: Notification): { bucket: string; key: string }[] {
  return Records.map(({ s3: { bucket, object } }) => ({
    bucket: bucket.name,
    key: decodeURIComponent(object.key.replaceAll('+', ' ')),
  }));
}

/** Parses a message's body. @throws SyntaxError, v.ValiError, URIError if it is not a notification. */
export const readNotification = (body: string): { bucket: string; key: string }[] =>
  objectsOf(v.parse(Notification, JSON.parse(body)));
