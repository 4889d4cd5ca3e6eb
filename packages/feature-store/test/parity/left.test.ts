import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from '@martlet/warehouse'
import { describe, expect, test } from 'vitest'
import {
  featureService,
  featureView,
  materialize,
  openCatalog,
  openLmdbStore,
  openMemoryStore,
  openOnlineReader,
  toMicros,
  type OnlineStore,
} from '../../src/index.ts'
import { customer, openMart, tariffs, usage } from '../read/training-marts.ts'

const active = featureView('active', {
  of: customer,
  from: usage,
  every: '1d',
  population: tariffs,
  features: (f) => ({ n: f.count().over('1d') }),
})
const service = featureService('s', [active])

describe.each([
  ['memory', () => openMemoryStore()],
  ['LMDB', (folder: string) => openLmdbStore({ path: folder })],
] as const)('an entity that leaves its population, online from %s', (_, open: (folder: string) => OnlineStore) => {
  test('is not found from the first instant on at which it is gone, and is found again when it comes back', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'martlet-left-'))
    try {
      await using warehouse = await openMart()
      await using catalog = await openCatalog({ path: join(folder, 'catalog.db') })
      await using online = open(join(folder, 'online'))
      const at = (text: string) => warehouse.leaves.timestamp(toMicros(text))
      await warehouse.run(sql`UPDATE mart.tariffs SET valid_to = ${at('2024-01-10T12:00Z')} WHERE customer_id = 'a'`)
      await warehouse.run(sql`INSERT INTO mart.tariffs VALUES ('a', 'night', ${at('2024-01-13T12:00Z')}, NULL)`)
      const reader = openOnlineReader({ service: service.plan, store: online })
      const found: unknown[] = []
      for (const day of ['09', '10', '11', '12', '13', '14']) {
        const now = toMicros(`2024-01-${day}T01:00Z`)
        await materialize({ warehouse, catalog, online, views: [active], quality: false, now })
        const vectors = await reader.read([{ customer_id: 'a' }, { customer_id: 'b' }, { customer_id: 'a' }], { now })
        found.push([
          day,
          ...[0, 1, 2].map((row) => vectors.status(row, 0)),
          vectors.value(0, 0),
          vectors.featureTime(0, 0),
          vectors.json(0),
        ])
      }
      const there = (day: string) => [
        day,
        'PRESENT',
        'PRESENT',
        'PRESENT',
        24n,
        toMicros(`2024-01-${day}`),
        '{"active__n_1d":24}',
      ]
      const gone = (day: string) => [day, 'NOT_FOUND', 'PRESENT', 'NOT_FOUND', null, undefined, '{"active__n_1d":null}']
      expect(found).toEqual([there('09'), there('10'), gone('11'), gone('12'), gone('13'), there('14')])
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})
