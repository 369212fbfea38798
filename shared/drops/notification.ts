import * as v from 'valibot';

/** S3's notification, as far as it matters here. The test event that S3 sends when a bucket is set up has no records. */
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
 * The objects that a notification is about. Keys come form-encoded: a space is `+`, everything else percent-encoded.
 *
 * @throws URIError for a key that is not.
 */
export function objectsOf({ Records }: Notification): { bucket: string; key: string }[] {
  return Records.map(({ s3: { bucket, object } }) => ({
    bucket: bucket.name,
    key: decodeURIComponent(object.key.replaceAll('+', ' ')),
  }));
}

/** Reads a message's body. @throws SyntaxError, v.ValiError, URIError where it is no notification. */
export const readNotification = (body: string): { bucket: string; key: string }[] =>
  objectsOf(v.parse(Notification, JSON.parse(body)));
