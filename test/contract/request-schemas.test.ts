import { expect, test } from 'vitest';
import { requestSchemas, SCHEMAS_MAX } from '../../shared/contract/request-schemas.ts';

test('the schema for a list of suppliers is created once', () => {
  const schemaOf = requestSchemas();
  expect(schemaOf(['A', 'B'])).toBe(schemaOf(['A', 'B']));
  expect(schemaOf(['A', 'B'])).not.toBe(schemaOf(['A', 'C']));
  // Joined without separators, the codes would be the same.
  expect(schemaOf(['AB'])).not.toBe(schemaOf(['A', 'B']));
});

test('a hundred schemas are cached, and no more', () => {
  const schemaOf = requestSchemas();
  const first = schemaOf(['A']);
  for (let others = 1; others < SCHEMAS_MAX; others += 1) schemaOf([`OTHER-${others}`]);
  expect(SCHEMAS_MAX).toBe(100);
  expect(schemaOf(['A'])).toBe(first);
  schemaOf(['ONE-MORE']);
  expect(schemaOf(['A'])).not.toBe(first);
});
