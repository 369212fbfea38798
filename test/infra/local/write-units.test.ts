import { describe, expect, it } from 'vitest';
import { indexWriteUnits, itemBytes, writeUnits } from '../../../infra/local/write-units.ts';

describe('DynamoDB’s pricing rules', () => {
  it.each([
    // Computed by hand.
    ['a text', { ab: 'cé' }, 2 + 3],
    ['numbers', { a: 1, b: 12, c: 123, d: 1700000000000, e: -5 }, 3 + 3 + 4 + 3 + 4],
    ['a boolean and null', { a: true, b: null }, 4],
    ['bytes', { a: new Uint8Array(10) }, 11],
    ['an empty list', { a: [] }, 4],
    ['a list', { a: ['x', 1] }, 1 + 3 + (1 + 1) + (1 + 2)],
    ['a map', { a: { bc: 'x' } }, 1 + 3 + 1 + 2 + 1],
    ['a set', { a: new Set(['x', 'yz']) }, 1 + 3],
  ])('compute the size of %s', (_, item, bytes) => {
    expect(itemBytes(item)).toBe(bytes);
  });

  const sized = (bytes: number) => ({ a: 'x'.repeat(bytes - 1) });
  it.each([
    [undefined, undefined, 1],
    [undefined, sized(1024), 1],
    [undefined, sized(1025), 2],
    [sized(3000), sized(10), 3],
    [sized(10), undefined, 1],
  ])('charge the larger of the item before and after a write, in whole units', (before, after, units) => {
    expect(writeUnits(before, after)).toBe(units);
  });

  const INDEX = { keys: ['k'], attributes: ['p'] };
  it.each([
    ['is created', undefined, { id: '1', k: 'a' }, 1],
    ['is deleted', { id: '1', k: 'a' }, undefined, 1],
    ['loses its key', { id: '1', k: 'a' }, { id: '1' }, 1],
    ['gets its key', { id: '1' }, { id: '1', k: 'a' }, 1],
    ['never had its key', { id: '1', p: 1 }, { id: '1', p: 2 }, 0],
    ['has another key', { id: '1', k: 'a' }, { id: '1', k: 'b' }, 2],
    ['changes in a projected attribute', { id: '1', k: 'a', p: 1 }, { id: '1', k: 'a', p: 2 }, 1],
    ['changes in another attribute', { id: '1', k: 'a', q: 1 }, { id: '1', k: 'a', q: 2 }, 0],
  ])('charge an index’s writes if an item %s', (_, before, after, units) => {
    expect(indexWriteUnits(before, after, INDEX, ['id'])).toBe(units);
  });

  it('charge every change if all attributes are projected', () => {
    const all = { keys: ['k'], attributes: undefined };
    expect(indexWriteUnits({ id: '1', k: 'a', q: 1 }, { id: '1', k: 'a', q: 2 }, all, ['id'])).toBe(1);
  });
});
