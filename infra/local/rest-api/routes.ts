import type { Resource } from '../resource.ts';

/** An API resource: a node in the tree of path segments. */
export type RouteNode = {
  /** The path template, such as `/v2/{supplier}`: the event's `resource`. */
  path: string;
  statics: Map<string, RouteNode>;
  /** The child that matches any segment, with the parameter's name. */
  parameter?: { name: string; node: RouteNode };
  /** The child that matches the rest of the path, with the parameter's name. */
  greedy?: { name: string; node: RouteNode };
  methods: Map<string, Resource>;
};

export type Match = { node: RouteNode; parameters: Record<string, string> };

type ResourceProperties = { ParentId: string; PathPart: string };
type MethodProperties = { ResourceId: string; HttpMethod: string };

/** Builds the tree of an API's resources and methods. `rootId` is the root's id in the template. */
export function routeTree(
  rootId: string,
  resources: readonly Resource[],
  methods: readonly Resource[],
): RouteNode {
  const root: RouteNode = { path: '/', statics: new Map(), methods: new Map() };
  const nodes = new Map([[rootId, root]]);
  const pending = [...resources];
  while (pending.length > 0) {
    const index = pending.findIndex((resource) =>
      nodes.has((resource.properties() as ResourceProperties).ParentId),
    );
    if (index < 0) throw new Error('The API has resources without a parent.');
    const [resource] = pending.splice(index, 1);
    const { ParentId, PathPart } = resource!.properties() as ResourceProperties;
    nodes.set(resource!.logicalId, addChild(nodes.get(ParentId)!, PathPart));
  }
  for (const method of methods) {
    const { ResourceId, HttpMethod } = method.properties() as MethodProperties;
    nodes.get(ResourceId)!.methods.set(HttpMethod, method);
  }
  return root;
}

function addChild(parent: RouteNode, part: string): RouteNode {
  const path = `${parent.path === '/' ? '' : parent.path}/${part}`;
  const node: RouteNode = { path, statics: new Map(), methods: new Map() };
  const [, name, plus] = /^\{(.+?)(\+?)\}$/.exec(part) ?? [];
  if (name === undefined) parent.statics.set(part, node);
  else if (plus === '+') parent.greedy = { name, node };
  else parent.parameter = { name, node };
  return node;
}

/**
 * The resource of a path. A static segment takes precedence over a parameter, and a parameter over a greedy one. A trailing slash
 * makes no difference. Returns null if a segment's percent-encoding is broken, and undefined if no resource matches.
 */
export function matchRoute(root: RouteNode, path: string): Match | undefined | null {
  const segments = path.replace(/^\//, '').replace(/\/$/, '').split('/');
  try {
    const decoded = path === '/' ? [] : segments.map(decodeURIComponent);
    return descend(root, decoded, {});
  } catch {
    return null;
  }
}

function descend(node: RouteNode, segments: string[], parameters: Record<string, string>): Match | undefined {
  const [segment, ...rest] = segments;
  if (segment === undefined) return { node, parameters };
  const fixed = node.statics.get(segment);
  const { parameter, greedy } = node;
  return (
    (fixed && descend(fixed, rest, parameters)) ??
    (parameter && segment !== ''
      ? descend(parameter.node, rest, { ...parameters, [parameter.name]: segment })
      : undefined) ??
    (greedy && { node: greedy.node, parameters: { ...parameters, [greedy.name]: segments.join('/') } })
  );
}
