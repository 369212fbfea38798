/** What answers can be rendered as. Upstream has a page for browsers; here, HTML is answered with JSON (source: the contract). */
const RENDERED = [
  ['application', 'json'],
  ['text', 'html'],
] as const;

/**
 * Whether an Accept header allows an answer in JSON, by the rules of Django REST framework (source: its
 * `DefaultContentNegotiation` and `media_type_matches`): no header means anything; parameters do not matter, not even `q=0`; types
 * that are not well-formed match nothing, so an empty header is not acceptable.
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
