/** Region and account in the names and ARNs of the local host. */
export const REGION = 'ap-southeast-2';
export const ACCOUNT = '000000000000';

/** A resource of the template. `properties` resolves intrinsic functions on each call. */
export type Resource = {
  logicalId: string;
  type: string;
  /** The construct id: the last segment of `aws:cdk:path` that CDK has not added, such as `import-processes`. */
  id: string;
  /** The physical name on the local host. */
  name: string;
  properties(): Record<string, unknown>;
  /** The folder of its asset, if it has one. */
  asset?: string;
};

/** Extracts a function's name from a name or ARN, with or without an alias or version (source: Lambda API, FunctionName). */
export const functionNameOf = (reference: string): string =>
  /^(?:arn:aws:lambda:[^:]+:[^:]+:function:)?([^:]+)/.exec(reference)?.[1] ?? reference;

/** Values of Ref and Fn::GetAtt that are known only at run time: queue URLs. */
export type RuntimeIdentities = { queueUrl(name: string): string };

/** Thrown for a template with resources or settings that the local host does not implement. */
export class UnsupportedTemplate extends Error {
  override name = 'UnsupportedTemplate';
}
