import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJson } from '../../shared/contract/python-json.ts';
import { packPayload, unpackPayload } from '../../shared/imports/model/packed-payload.ts';
import { guideRequest } from '../support/requests.ts';

describe('a packed payload', () => {
  it('unpacks to an equal value, for any value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        // Parsed like a request: numbers that JavaScript cannot represent exactly keep their text.
        const sent = parseJson(JSON.stringify(value));
        expect(unpackPayload(packPayload(sent))).toEqual(sent);
      }),
    );
  });

  it('of the guide’s example needs less than a third of a kilobyte, so that each write costs one unit', () => {
    expect(packPayload(guideRequest().payload).byteLength).toBeLessThan(330);
  });

  it('of an unknown format is refused', () => {
    const unknown = packPayload({ a: 1 });
    unknown[0] = 2;
    expect(() => unpackPayload(unknown)).toThrow('A stored payload has the unknown format 2.');
  });

  it('has bytes that depend on its value only', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(packPayload(value)).toEqual(packPayload(structuredClone(value)));
      }),
    );
  });

  it('can be unpacked if an earlier version packed it', () => {
    const packedByFormat1 = 'AcOWGkJcg0Pig0MDAnw8XYMIJQ0TAwNDIxMLU2MDpdpaAA==';
    expect(unpackPayload(Buffer.from(packedByFormat1, 'base64'))).toEqual({
      import_supplier: 'TEST_SUPPLIER',
      supply_point: { identifier: '4001248530' },
    });
  });

  it.each([
    ['of another format', Buffer.of(9, 1, 2)],
    ['empty', Buffer.of()],
    ['broken', Buffer.of(1, 255, 255, 255)],
  ])('is rejected when %s', (_, bytes) => {
    expect(() => unpackPayload(bytes)).toThrow();
  });
});
