/** Where the template is deployed on this machine, as far as names and ARNs tell. */
export const REGION = 'ap-southeast-2';
export const ACCOUNT = '000000000000';

/** A resource of the template, with its properties resolved when they are asked for. */
export type Resource = {
  logicalId: string;
  type: string;
  /** The id of its construct: the last of `aws:cdk:path` that is not CDK's own, such as `import-processes`. */
  id: string;
  /** The name that it has on this machine. */
  name: string;
  properties(): Record<string, unknown>;
  /** The folder of its asset, where it has one. */
  asset?: string;
};

/** The function's name in its name or ARN, each also with an alias or a version after it (source: Lambda API, FunctionName). */
export const functionNameOf = (reference: string): string =>
  /^(?:arn:aws:lambda:[^:]+:[^:]+:function:)?([^:]+)/.exec(reference)?.[1] ?? reference;

/** What Ref and Fn::GetAtt answer for things whose identity is known only while they run: queue URLs. */
export type RuntimeIdentities = { queueUrl(name: string): string };

/** Thrown for a template that this host cannot host: what it does not know it does not guess. */
export class UnsupportedTemplate extends Error {
  override name = 'UnsupportedTemplate';
}
