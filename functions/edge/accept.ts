/** Acceptable media types. Upstream renders HTML for browsers; this API responds with JSON to both (source: the contract). */
const RENDERED = [
  ['application', 'json'],
  ['text', 'html'],
] as const;

/**
 * Whether an Accept header allows a JSON response, by the rules of Django REST framework (source: its
 * `DefaultContentNegotiation` and `media_type_matches`). A missing header allows everything. Parameters are ignored, even `q=0`.
 * Malformed types match nothing, so an empty header is not acceptable.
 */
export function acceptsJson(accept: string | undefined): boolean {
  if (accept === undefined) return true;
  return accept.split(',').some((part) => {
    const [type = '', subtype = ''] = part.split(';', 1)[0]!.trim().toLowerCase().split('/', 2);
    return RENDERED.some(
      ([ownType, ownSubtype]) =>
        (type === '*' || type === ownType) && (subtype === '*' || subtype === ownSubtype),
    );
  });
}
