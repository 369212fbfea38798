import { expect, it } from 'vitest';
import { dynamoDB } from '../../shared/aws/clients.ts';
import { cachedSuppliers, REGISTRY_CACHED_SECONDS, registry } from '../../shared/suppliers/registry.ts';
import { jsonService } from '../aws/json-service.ts';

const TTL_MS = REGISTRY_CACHED_SECONDS * 1000;

it('a worker reads a supplier once within the time to live, and sees a closed migration after it', async () => {
  let now = 0;
  let migration = 'open';
  await using service = await jsonService(({ Key }) =>
    Key.key.S === 'NONE' ? {} : { Item: { code: Key.key, migration: { S: migration } } },
  );
  const suppliers = cachedSuppliers(registry(dynamoDB(), 'registry'), () => now);

  expect(await suppliers.get('A')).toEqual({ code: 'A', migration: 'open' });
  migration = 'closed';
  now = TTL_MS - 1;
  expect(await suppliers.get('A')).toEqual({ code: 'A', migration: 'open' });
  expect(service.inputs).toHaveLength(1);
  expect(await suppliers.get('B')).toEqual({ code: 'B', migration: 'closed' });
  now = TTL_MS;
  expect(await suppliers.get('A')).toEqual({ code: 'A', migration: 'closed' });
  expect(await suppliers.get('NONE')).toBeUndefined();
  expect(service.inputs.map(({ Key }) => Key.key.S)).toEqual(['A', 'B', 'A', 'NONE']);
});

it('the list of suppliers is not cached, because the sweeper must see new ones', async () => {
  await using service = await jsonService(() => ({
    Items: [{ code: { S: 'A' }, migration: { S: 'open' } }],
  }));
  const suppliers = cachedSuppliers(registry(dynamoDB(), 'registry'), () => 0);
  expect(await suppliers.list()).toEqual(await suppliers.list());
  expect(service.inputs).toHaveLength(2);
});
