import type { HostedFunction } from './functions.ts';
import { ACCOUNT, REGION, type Resource } from './resource.ts';

/**
 * Returns a look-up of functions by name or ARN, with or without one of the template's aliases. Any other version or alias does not exist,
 * as in Lambda.
 */
export function functionsByReference(
  functions: readonly HostedFunction[],
  aliases: readonly Resource[],
): (reference: string) => HostedFunction | undefined {
  const named = aliases.map((alias) => alias.properties() as { FunctionName: string; Name: string });
  const found = new Map<string, HostedFunction>();
  for (const hosted of functions) {
    const { name } = hosted.resource;
    const qualifiers = named
      .filter(({ FunctionName }) => FunctionName === name)
      .map(({ Name }) => `:${Name}`);
    for (const qualifier of ['', ...qualifiers]) {
      found.set(`${name}${qualifier}`, hosted);
      found.set(`arn:aws:lambda:${REGION}:${ACCOUNT}:function:${name}${qualifier}`, hosted);
    }
  }
  return (reference) => found.get(reference);
}
