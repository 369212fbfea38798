import type { Validated } from '../../../shared/contract/error-body.ts';
import { messageOf } from '../../../shared/contract/rules.ts';
import { EVERY_SUPPLIER, type Role } from '../../../shared/suppliers/tokens.ts';

/** Returns the suppliers of a token that is to be created: registered codes, or every supplier, which is an operator's default. */
export function suppliersOfToken(
  { role, suppliers }: { role: Role; suppliers?: readonly string[] | undefined },
  registered: readonly { code: string }[],
): Validated<string[]> {
  const wrong = (...messages: string[]) => ({ valid: false as const, errors: { suppliers: messages } });
  if (suppliers === undefined && role !== 'operator') return wrong(messageOf('required'));
  const codes = [...new Set(suppliers ?? [EVERY_SUPPLIER])];
  if (codes.includes(EVERY_SUPPLIER)) {
    if (role !== 'operator') return wrong(`${EVERY_SUPPLIER}, every supplier, is for operators only.`);
    return codes.length === 1 ? { valid: true, data: codes } : wrong(`${EVERY_SUPPLIER} must be alone.`);
  }
  const known = new Set(registered.map(({ code }) => code));
  const unknown = codes.filter((code) => !known.has(code));
  if (unknown.length === 0) return { valid: true, data: codes };
  return wrong(...unknown.map((code) => `${JSON.stringify(code)} is not a registered import supplier.`));
}
