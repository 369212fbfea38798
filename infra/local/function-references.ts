import type { HostedFunction } from './functions.ts';
import { ACCOUNT, REGION, type Resource } from './resource.ts';

/**
 * Finds functions by what refers to them: a name or an ARN, each also with an alias of the template after it. Any other version or alias
 * does not exist here, as in Lambda.
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
