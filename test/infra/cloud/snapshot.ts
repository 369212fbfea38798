import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

type Template = { Resources: Record<string, Resource>; Outputs?: unknown };
type Resource = {
  Type: string;
  Properties?: Record<string, unknown>;
  Metadata?: Record<string, unknown>;
};

/**
 * Formats an environment's templates as YAML for review, without metadata for tools. Code assets are replaced by the function's file name:
 * a change of code alone does not change the text.
 */
export function readableTemplates(folder: string): string {
  const files = readdirSync(folder).filter((file) => file.endsWith('.template.json'));
  // The parent stack comes before the nested one.
  const names = files.sort((one, other) => Number(isNested(one)) - Number(isNested(other)));
  return names
    .map((file) => {
      const template = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Template;
      const resources = Object.entries(template.Resources).filter(
        ([, { Type }]) => Type !== 'AWS::CDK::Metadata',
      );
      const readable = {
        Resources: Object.fromEntries(resources.map(readableResource)),
        Outputs: template.Outputs,
      };
      return withoutVersionHashes(
        `# ${isNested(file) ? 'The nested stack service' : 'The stack'}\n${yaml(readable, '').trimStart()}\n`,
      );
    })
    .join('\n---\n');
}

/** A version's id ends in the hash of its function's code. */
const withoutVersionHashes = (text: string): string =>
  text.replace(/(CurrentVersion[0-9A-F]{8})[0-9a-f]{32}/g, '$1');

const isNested = (file: string): boolean => file.includes('.nested.');

function readableResource([id, { Metadata, ...resource }]: [string, Resource]): [string, Resource] {
  const properties = { ...resource.Properties };
  const code = /\/([\w-]+)\/Resource$/.exec(String(Metadata?.['aws:cdk:path']))?.[1];
  if (resource.Type === 'AWS::Lambda::Function') properties['Code'] = `functions/${code}.ts`;
  if (resource.Type === 'AWS::CloudFormation::Stack') properties['TemplateURL'] = 'below';
  // Tags are the same for every resource.
  delete properties['Tags'];
  return [id, { ...resource, Properties: properties }];
}

/** Formats the YAML that follows a key. Ref and Fn::GetAtt are in their short form. */
function yaml(value: unknown, indent: string): string {
  if (typeof value !== 'object' || value === null) return ` ${scalar(value)}`;
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  if (entries.length === 0) return Array.isArray(value) ? ' []' : ' {}';
  const [name, argument] = entries[0]!;
  if (name === 'Ref') return ` !Ref ${argument}`;
  if (name === 'Fn::GetAtt') return ` !GetAtt ${(argument as string[]).join('.')}`;
  const text = name === 'Fn::Join' && joined(argument as [string, unknown[]]);
  if (typeof text === 'string') return ` !Sub ${JSON.stringify(text)}`;
  const lines = entries.map(([key, item]) => {
    const below = yaml(item, `${indent}  `);
    return Array.isArray(value) ? `${indent}-${below.replace(/^\n\s+/, ' ')}` : `${indent}${key}:${below}`;
  });
  return `\n${lines.join('\n')}`;
}

/** Converts `Fn::Join` with an empty separator to the text of an `Fn::Sub`: `arn:${AWS::Partition}:…`. */
function joined([separator, parts]: [string, unknown[]]): string | undefined {
  const texts = parts.map((part) => {
    if (typeof part === 'string') return part;
    const [name, argument] = Object.entries(part as object)[0]!;
    if (name === 'Ref') return `\${${argument}}`;
    return name === 'Fn::GetAtt' ? `\${${argument.join('.')}}` : undefined;
  });
  return separator === '' && !texts.includes(undefined) ? texts.join('') : undefined;
}

const scalar = (value: unknown): string =>
  typeof value === 'string' && !/^[A-Za-z/][\w/. -]*$/.test(value) ? JSON.stringify(value) : String(value);
