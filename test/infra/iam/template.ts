import { inject } from 'vitest';
import type { Resource } from '../../../infra/local/resource.ts';
import { loadTemplate } from '../../../infra/local/template.ts';

/** The dev environment's resources, each time anew, so that a test may change them. */
export function devResources(): Resource[] {
  return loadTemplate(inject('assembly'), 'supply-point-import-dev', {
    queueUrl: (name) => `http://127.0.0.1/000000000000/${name}`,
  });
}

/** The same resources, but one type's with other properties. */
export function changed(
  resources: readonly Resource[],
  type: string,
  change: (properties: Record<string, unknown>, resource: Resource) => Record<string, unknown>,
): Resource[] {
  return resources.map((resource) =>
    resource.type === type
      ? { ...resource, properties: () => change(resource.properties(), resource) }
      : resource,
  );
}
