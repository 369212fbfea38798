import { inject } from 'vitest';
import type { Resource } from '../../../infra/local/resource.ts';
import { loadTemplate } from '../../../infra/local/template.ts';

/** Loads the dev environment's resources. Each call returns new ones, which the test may change. */
export function devResources(): Resource[] {
  return loadTemplate(inject('assembly'), 'supply-point-import-dev', {
    queueUrl: (name) => `http://127.0.0.1/000000000000/${name}`,
  });
}

/** A copy of the resources with changed properties of one type. */
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
