import { describe, expect, it } from 'vitest';
import { environmentNamed } from '../../../infra/environments.ts';
import { checkedSynthesis } from './checked-synthesis.ts';

const synthesized = checkedSynthesis();

describe('the first deployment of a protected environment', () => {
  const prod = environmentNamed('prod');
  const first = synthesized(prod, { isFirst: true });
  const later = synthesized(prod);

  it('can be repeated after a failure: its rollback deletes everything', () => {
    expect(first.assembly.stacks[0]!.terminationProtection ?? false).toBe(false);
    expect(JSON.stringify(first.resources)).not.toContain('"DeletionProtectionEnabled":true');
    const retained = first.resources.filter(({ DeletionPolicy }) => /^Retain/.test(DeletionPolicy ?? ''));
    expect([...new Set(retained.map(({ Type }) => Type))].sort()).toEqual([
      'AWS::DynamoDB::Table',
      'AWS::KMS::Key',
      'AWS::Lambda::Version',
      'AWS::S3::Bucket',
    ]);
    for (const { DeletionPolicy, Type } of retained)
      expect(DeletionPolicy, Type).toBe('RetainExceptOnCreate');
  });

  it('differs from the next deployment only in the protection', () => {
    const text = ({ resources }: typeof first) => JSON.stringify(resources);
    expect(
      text(first).replaceAll('"DeletionProtectionEnabled":false', '"DeletionProtectionEnabled":true'),
    ).toBe(text(later));
    expect(text(later)).not.toBe(text(first));
    expect(later.assembly.stacks[0]!.terminationProtection).toBe(true);
  });
});
