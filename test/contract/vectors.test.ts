import jsonPatch from 'fast-json-patch';
import { describe, expect, test } from 'vitest';
import { validateRequest } from '../../shared/contract/request.ts';
import { vectors } from './recorded.ts';
import { everyField, suppliers } from './requests.ts';

describe('the result is that of the reference model for', () => {
  for (const { name, changes, status, body } of vectors) {
    test(name, () => {
      const request = jsonPatch.applyPatch(everyField(), changes).newDocument;
      const result = validateRequest(request, suppliers);
      expect(result.valid ? 200 : 400).toBe(status);
      expect(JSON.parse(JSON.stringify(result.valid ? result.data : result.errors))).toStrictEqual(body);
    });
  }
});
