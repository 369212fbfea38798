import type { Resource } from '../resource.ts';

type MethodSetting = {
  HttpMethod?: string;
  /** `/*` for all resources; a resource's own path has its slashes written as `~1`. */
  ResourcePath?: string;
  ThrottlingRateLimit?: number;
  ThrottlingBurstLimit?: number;
};

/** A token bucket: its tokens at a time, in the clock's milliseconds. */
type Bucket = { tokens: number; at: number };

/**
 * The stage's throttling. Each method of each resource has its own token bucket, as a stage's settings are limits of methods, not of
 * the whole API (source: API Gateway, "Throttle requests to your REST APIs": "target limits for individual API stages or methods" by the
 * token bucket algorithm). A method without a limit is never throttled: a laptop does not reach the account's limit.
 *
 * @param clock a monotonic clock in milliseconds
 * @returns a function that takes a token for a request to a method of a resource (such as `/v2/{supplier}`): false if throttled
 */
export function stageThrottle(
  stage: Resource,
  clock: () => number = () => performance.now(),
): (resourcePath: string, httpMethod: string) => boolean {
  const settings = (stage.properties()['MethodSettings'] ?? []) as MethodSetting[];
  const buckets = new Map<string, Bucket>();
  return (resourcePath, httpMethod) => {
    const setting = settingOf(settings, resourcePath, httpMethod);
    const { ThrottlingRateLimit: perSecond, ThrottlingBurstLimit: burst = perSecond } = setting ?? {};
    if (perSecond === undefined) return true;
    const key = `${httpMethod} ${resourcePath}`;
    const now = clock();
    const { tokens, at } = buckets.get(key) ?? { tokens: burst!, at: now };
    const left = Math.min(burst!, tokens + ((now - at) / 1000) * perSecond);
    buckets.set(key, { tokens: left < 1 ? left : left - 1, at: now });
    return left >= 1;
  };
}

/** The most specific setting of a method (source: CloudFormation, `AWS::ApiGateway::Stage MethodSetting`). */
function settingOf(settings: readonly MethodSetting[], path: string, method: string) {
  const escaped = `/${path.slice(1).replaceAll('/', '~1')}`;
  const isFor = (resourcePath: string, httpMethod: string) => (setting: MethodSetting) =>
    setting.ResourcePath === resourcePath && setting.HttpMethod === httpMethod;
  return settings.find(isFor(escaped, method)) ?? settings.find(isFor('/*', '*'));
}
