import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ACCOUNT, REGION, type Resource, type RuntimeIdentities, UnsupportedTemplate } from './resource.ts';
import { assertSupportedType, identityOf } from './resource-types.ts';

type RawResource = {
  Type: string;
  Properties?: Record<string, unknown>;
  Metadata?: { 'aws:cdk:path'?: string; 'aws:asset:path'?: string };
};
type RawTemplate = {
  Resources: Record<string, RawResource>;
  Outputs?: Record<string, { Value: unknown }>;
};
type Scope = {
  stackName: string;
  resources: Map<string, Resource>;
  nested: Map<string, { scope: Scope; outputs: Record<string, { Value: unknown }> }>;
  parameters: Record<string, () => unknown>;
};

/**
 * Reads the resources of a synthesized stack and its nested stacks.
 *
 * @param folder the cloud assembly's folder
 * @throws UnsupportedTemplate for an unknown resource type; `properties` throws it for an unknown intrinsic function
 */
export function loadTemplate(folder: string, stackName: string, runtime: RuntimeIdentities): Resource[] {
  const all: Resource[] = [];
  const load = (file: string, name: string, parameters: Scope['parameters']): Scope => {
    const template = JSON.parse(readFileSync(join(folder, file), 'utf8')) as RawTemplate;
    const scope: Scope = { stackName: name, resources: new Map(), nested: new Map(), parameters };
    for (const [logicalId, raw] of Object.entries(template.Resources)) {
      if (raw.Type === 'AWS::CloudFormation::Stack') {
        const passed = (raw.Properties?.['Parameters'] ?? {}) as Record<string, unknown>;
        const lazily = Object.fromEntries(
          Object.entries(passed).map(([key, value]) => [key, () => resolve(value, scope, runtime)]),
        );
        const inner = load(
          raw.Metadata!['aws:asset:path']!,
          `${name}-${constructId(logicalId, raw)}`,
          lazily,
        );
        const outputs = nestedOutputs(folder, raw);
        scope.nested.set(logicalId, { scope: inner, outputs });
      } else {
        const resource = toResource(folder, logicalId, raw, scope, runtime);
        scope.resources.set(logicalId, resource);
        all.push(resource);
      }
    }
    return scope;
  };
  load(`${stackName}.template.json`, stackName, {});
  return all;
}

function nestedOutputs(folder: string, raw: RawResource): Record<string, { Value: unknown }> {
  const template = JSON.parse(readFileSync(join(folder, raw.Metadata!['aws:asset:path']!), 'utf8'));
  return (template as RawTemplate).Outputs ?? {};
}

function toResource(
  folder: string,
  logicalId: string,
  raw: RawResource,
  scope: Scope,
  runtime: RuntimeIdentities,
): Resource {
  const asset = raw.Metadata?.['aws:asset:path'];
  const id = constructId(logicalId, raw);
  const resource: Resource = {
    logicalId,
    type: raw.Type,
    id,
    name: nameOf(scope.stackName, id),
    properties: () => resolve(raw.Properties ?? {}, scope, runtime) as Record<string, unknown>,
    ...(asset !== undefined && existsSync(join(folder, asset)) && { asset: join(folder, asset) }),
  };
  assertSupportedType(resource);
  return resource;
}

/** Maximum length of a bucket's name, the lowest limit of all services (source: S3, "Bucket naming rules"). */
const NAME_LENGTH_MAX = 63;

/** A resource's physical name. If it is too long the stack's part is truncated, because the construct id makes it unique. */
const nameOf = (stackName: string, id: string): string =>
  `${stackName.slice(0, NAME_LENGTH_MAX - 1 - id.length)}-${id}`.toLowerCase();

/** `stack/records/import-processes/Resource` → `import-processes`: CDK names a construct's main resource Resource or Default. */
function constructId(logicalId: string, raw: RawResource): string {
  const parts = raw.Metadata?.['aws:cdk:path']?.split('/') ?? [logicalId];
  const named = parts.filter(
    (part) => part !== 'Resource' && part !== 'Default' && !part.endsWith('.NestedStackResource'),
  );
  return (named.at(-1) ?? logicalId).replace(/\.NestedStack$/, '');
}

type Intrinsic = (argument: unknown, scope: Scope, runtime: RuntimeIdentities) => unknown;

const INTRINSICS: Readonly<Record<string, Intrinsic>> = {
  Ref: (name, scope, runtime) => reference(name as string, scope, runtime),
  'Fn::GetAtt': (argument, scope, runtime) => attribute(argument as [string, string], scope, runtime),
  'Fn::Join': (argument, scope, runtime) => {
    const [separator, parts] = resolve(argument, scope, runtime) as [string, unknown[]];
    return parts.join(separator);
  },
  'Fn::Select': (argument, scope, runtime) => {
    const [index, parts] = resolve(argument, scope, runtime) as [number | string, unknown[]];
    return parts[Number(index)];
  },
  'Fn::Split': (argument, scope, runtime) => {
    const [separator, text] = resolve(argument, scope, runtime) as [string, string];
    return text.split(separator);
  },
  'Fn::Sub': (argument, scope, runtime) => {
    const [text, own] = Array.isArray(argument) ? argument : [argument, {}];
    const values = resolve(own, scope, runtime) as Record<string, unknown>;
    return (text as string).replace(/\$\{([^!}]+)\}/g, (_, name: string) =>
      String(
        values[name] ??
          (name.includes('.')
            ? attribute(name.split('.', 2) as [string, string], scope, runtime)
            : reference(name, scope, runtime)),
      ),
    );
  },
};

function resolve(value: unknown, scope: Scope, runtime: RuntimeIdentities): unknown {
  if (Array.isArray(value)) return value.map((item) => resolve(item, scope, runtime));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const [name, argument] = entries[0] ?? [''];
  if (entries.length === 1 && (name === 'Ref' || name.startsWith('Fn::'))) {
    const intrinsic = INTRINSICS[name];
    if (intrinsic === undefined)
      throw new UnsupportedTemplate(`The local host does not support the function ${name}.`);
    return intrinsic(argument, scope, runtime);
  }
  return Object.fromEntries(entries.map(([key, item]) => [key, resolve(item, scope, runtime)]));
}

const PSEUDO_PARAMETERS: Readonly<Record<string, (scope: Scope) => string>> = {
  'AWS::Region': () => REGION,
  'AWS::AccountId': () => ACCOUNT,
  'AWS::Partition': () => 'aws',
  'AWS::URLSuffix': () => 'amazonaws.com',
  'AWS::StackName': (scope) => scope.stackName,
  'AWS::StackId': (scope) => `arn:aws:cloudformation:${REGION}:${ACCOUNT}:stack/${scope.stackName}/local`,
};

function reference(name: string, scope: Scope, runtime: RuntimeIdentities): unknown {
  const pseudo = PSEUDO_PARAMETERS[name];
  if (pseudo !== undefined) return pseudo(scope);
  if (Object.hasOwn(scope.parameters, name)) return scope.parameters[name]!();
  return identityOf(resourceNamed(name, scope), runtime).ref;
}

function attribute([name, key]: [string, string], scope: Scope, runtime: RuntimeIdentities): unknown {
  const nested = scope.nested.get(name);
  if (nested !== undefined) {
    return resolve(nested.outputs[key.slice('Outputs.'.length)]!.Value, nested.scope, runtime);
  }
  const resource = resourceNamed(name, scope);
  const value = identityOf(resource, runtime).attributes[key];
  if (value === undefined) {
    throw new UnsupportedTemplate(
      `The local host does not support the attribute ${key} of ${name} (${resource.type}).`,
    );
  }
  return value;
}

function resourceNamed(name: string, scope: Scope): Resource {
  const resource = scope.resources.get(name);
  if (resource === undefined)
    throw new UnsupportedTemplate(`The template refers to ${name}, which it does not have.`);
  return resource;
}
