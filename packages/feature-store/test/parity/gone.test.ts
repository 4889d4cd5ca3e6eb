import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rowsOf, sql, type Warehouse } from '@martlet/warehouse'
import { expect, test } from 'vitest'
import {
  buildTrainingSet,
  featureService,
  featureView,
  materialize,
  openCatalog,
  openMemoryStore,
  openOnlineReader,
  toMicros,
  type Catalog,
  type FeatureView,
  type OnlineStore,
} from '../../src/index.ts'
import { keyCodec } from '../../src/online/key-codec.ts'
import { customer, openMart, scores, tariffs, usage } from '../read/training-marts.ts'

const members = featureView('members', {
  of: customer,
  from: usage,
  every: '1d',
  repair: '4d',
  population: tariffs,
  features: (f) => ({ n: f.count().over('1d') }),
})
const owners = featureView('owners', {
  of: customer,
  from: usage,
  every: '1d',
  repair: '4d',
  features: (f) => ({ n: f.count().over('1d') }),
})
const profiles = featureView('profiles', {
  of: customer,
  from: tariffs,
  every: '1d',
  repair: '4d',
  features: (f) => ({ tariff: f.attribute('tariff') }),
})
const scored = featureView('scored', {
  of: customer,
  from: scores,
  every: '1d',
  repair: '4d',
  features: (f) => ({ score: f.column('score') }),
})

type View = FeatureView<string, typeof customer, Readonly<Record<string, unknown>>>

interface Site {
  readonly warehouse: Warehouse
  readonly catalog: Catalog
  readonly online: OnlineStore
  at(text: string): ReturnType<Warehouse['leaves']['timestamp']>
  run(view: View, now: string, options?: { readonly from?: string }): Promise<void>
  /** Of customers a and b: what online answers, after making sure that training from facts says the same. */
  answers(view: View, now: string): Promise<readonly unknown[]>
}

async function onSite(work: (site: Site) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'martlet-gone-'))
  try {
    await using warehouse = await openMart()
    await using catalog = await openCatalog({ path: join(folder, 'catalog.db') })
    await using online = openMemoryStore()
    await work({
      warehouse,
      catalog,
      online,
      at: (text) => warehouse.leaves.timestamp(toMicros(text)),
      run: async (view, now, options = {}) =>
        void (await materialize({
          warehouse,
          catalog,
          online,
          views: [view],
          quality: false,
          now: toMicros(now),
          ...options,
        })),
      answers: async (view, now) => {
        const service = featureService('s', [view])
        const vectors = await openOnlineReader({ service: service.plan, store: online }).read(
          [{ customer_id: 'a' }, { customer_id: 'b' }],
          { now: toMicros(now) },
        )
        const served = [0, 1].map((row) => {
          const value = vectors.value(row, 0)
          return typeof value === 'bigint' ? Number(value) : value
        })
        const spine = sql.join(
          ['a', 'b'].map(
            (id) => sql`SELECT ${id} AS customer_id, ${warehouse.leaves.timestamp(toMicros(now))} AS asked`,
          ),
          sql` UNION ALL `,
        )
        const set = await buildTrainingSet({ warehouse, service, time: 'asked', spine: { query: spine } })
        const trained = rowsOf(await set.read())
          .toSorted((x, y) => (String(x['customer_id']) < String(y['customer_id']) ? -1 : 1))
          .map((row) => row[set.features[0] ?? ''])
        expect(served, 'online as in training').toEqual(trained)
        for (const row of [0, 1]) expect(vectors.status(row, 0)).toBe(served[row] === null ? 'NOT_FOUND' : 'PRESENT')
        return served
      },
    })
  } finally {
    await rm(folder, { recursive: true })
  }
}

test.each([
  ['a fact with a population', members, 24],
  ['a dimension', profiles, 'flat'],
] as const)('a validity that is set back reaches the store in the next run: %s', (_, view, there) =>
  onSite(async ({ warehouse, at, run, answers }) => {
    await run(view, '2024-01-10T01:00Z')
    expect(await answers(view, '2024-01-10T02:00Z')).toEqual([there, there])
    // So far back that every row within `repair` vanishes from the table.
    await warehouse.run(sql`UPDATE mart.tariffs SET valid_to = ${at('2024-01-03')} WHERE customer_id = 'a'`)
    await run(view, '2024-01-11T01:00Z')
    expect(await answers(view, '2024-01-11T02:00Z')).toEqual([null, there])
    await run(view, '2024-01-12T01:00Z')
    await warehouse.run(sql`UPDATE mart.tariffs SET valid_to = NULL WHERE customer_id = 'a'`)
    await run(view, '2024-01-13T01:00Z')
    expect(await answers(view, '2024-01-13T02:00Z')).toEqual([there, there])
  }),
)

test('a population row that is deleted, long after its rows were written and before anything within `repair`', () =>
  onSite(async ({ warehouse, run, answers }) => {
    await run(members, '2024-01-10T01:00Z')
    await warehouse.run(sql`DELETE FROM mart.tariffs WHERE customer_id = 'a'`)
    await run(members, '2024-01-28T01:00Z')
    expect(await answers(members, '2024-01-28T02:00Z')).toEqual([null, 24])
  }))

test('an entity that leaves and whose newest instant is computed again, without any new one', () =>
  onSite(async ({ warehouse, run, answers }) => {
    await run(members, '2024-01-10T01:00Z')
    await warehouse.run(sql`DELETE FROM mart.tariffs WHERE customer_id = 'a'`)
    await run(members, '2024-01-10T03:00Z', { from: '2024-01-08' })
    expect(await answers(members, '2024-01-10T04:00Z')).toEqual([null, 24])
  }))

test('facts that are deleted, when their range is computed again', () =>
  onSite(async ({ warehouse, run, answers }) => {
    await run(owners, '2024-01-10T01:00Z')
    await warehouse.run(sql`DELETE FROM mart.usage WHERE customer_id = 'a'`)
    await run(owners, '2024-01-11T01:00Z', { from: '2024-01-01' })
    expect(await answers(owners, '2024-01-11T02:00Z')).toEqual([null, 24])
  }))

test('precomputed rows that are deleted: the older row takes the place of the newer one, and none is left of the last', () =>
  onSite(async ({ warehouse, at, run, answers }) => {
    const score = (id: string, day: string, value: number) =>
      warehouse.run(sql`INSERT INTO mart.scores VALUES (${id}, ${at(`2024-01-${day}`)}, ${value})`)
    await score('a', '08', 0.75)
    await score('b', '02', 0.25)
    await run(scored, '2024-01-10T01:00Z')
    expect(await answers(scored, '2024-01-10T02:00Z')).toEqual([0.75, 0.25])
    await warehouse.run(sql`DELETE FROM mart.scores WHERE ${sql.id('at')} = ${at('2024-01-08')} OR customer_id = 'b'`)
    await run(scored, '2024-01-11T01:00Z')
    expect(await answers(scored, '2024-01-11T02:00Z')).toEqual([0.5, null])
    // Again and again: nothing comes back, and what comes anew is there.
    await run(scored, '2024-01-12T01:00Z')
    expect(await answers(scored, '2024-01-12T02:00Z')).toEqual([0.5, null])
    await score('b', '12', 1)
    await run(scored, '2024-01-13T01:00Z')
    expect(await answers(scored, '2024-01-13T02:00Z')).toEqual([0.5, 1])
  }))

test('the record of published keys loses those that are gone, also when the store has lost their rows already', () =>
  onSite(async ({ warehouse, online, run }) => {
    const recorded = async (): Promise<readonly unknown[]> =>
      rowsOf(await warehouse.read(sql`SELECT customer_id FROM features_internal.published_members ORDER BY 1`)).map(
        (row) => row['customer_id'],
      )
    await run(members, '2024-01-10T01:00Z')
    expect(await recorded()).toEqual(['a', 'b'])
    await run(members, '2024-01-11T01:00Z')
    expect(await recorded()).toEqual(['a', 'b'])
    // As after a crash between the store and the record.
    await online.remove('members', [keyCodec(members.plan.entity.keys).encode({ customer_id: 'a' })])
    await warehouse.run(sql`DELETE FROM mart.tariffs WHERE customer_id = 'a'`)
    await run(members, '2024-01-28T01:00Z')
    expect(await recorded()).toEqual(['b'])
  }))

test('a run that is stopped between two steps of publishing is made good by the next one', () =>
  onSite(async ({ warehouse, catalog, online, run, answers }) => {
    await run(members, '2024-01-10T01:00Z')
    await warehouse.run(sql`DELETE FROM mart.tariffs WHERE customer_id = 'a'`)
    const broken: OnlineStore = {
      ...online,
      remove: async () => Promise.reject(new Error('the network is gone')),
      async [Symbol.asyncDispose]() {},
    }
    await expect(
      materialize({ warehouse, catalog, online: broken, views: [members], quality: false, now: '2024-01-28T01:00Z' }),
    ).rejects.toThrow('the network is gone')
    await run(members, '2024-01-28T01:30Z')
    expect(await answers(members, '2024-01-28T02:00Z')).toEqual([null, 24])
  }))
