import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MartletError, openDuckDb, rowsOf, sql } from '@martlet/warehouse'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { readLabelPlan, readServicePlan } from '../../src/catalog/plan-json.ts'
import {
  buildTrainingSet,
  dimension,
  entity,
  fact,
  featureService,
  featureView,
  label,
  materialize,
  openCatalog,
  openMemoryStore,
  openOnlineReader,
  precomputed,
  toMicros,
} from '../../src/index.ts'

interface Names {
  readonly keys: readonly string[]
  readonly time: string
  readonly order: string
  readonly measures: readonly [string, string, string]
}

const now = toMicros('2024-01-04T01:00Z')
const plain: Names = {
  keys: ['plain_key'],
  time: 'plain_time',
  order: 'plain_order',
  measures: ['plain_x', 'plain_y', 'plain_z'],
}

const owner = entity('owner', { plain_key: z.string() })
const columns = {
  plain_key: z.string(),
  plain_time: z.date(),
  plain_order: z.int(),
  plain_x: z.number(),
  plain_y: z.number(),
  plain_z: z.number(),
}
const fitting = { columns, entities: [owner], eventTime: 'plain_time', sequence: 'plain_order' } as const
const events = fact('mart.named', fitting)
const arriving = fact('mart.named', { ...fitting, knownAt: 'plain_time' })
const history = dimension('mart.named', { columns, entity: owner, validFrom: 'plain_time', sequence: 'plain_order' })
const given = precomputed('mart.named', { columns, entity: owner, time: 'plain_time', created: 'plain_time' })
const windows = featureView('windows', {
  of: owner,
  from: events,
  every: '1d',
  features: (f) => ({
    my_first: f.first('plain_x').over('1d'),
    my_last: f.last('plain_y').over('2d'),
    my_sum: f.sum('plain_z').over('2d'),
    my_max: f.max('plain_x').over('1d'),
    my_kinds: f.distinct('plain_y').over('2d'),
    my_spread: f.stddev('plain_z').over('2d'),
    my_trend: f.slope('plain_x').over('2d'),
    my_recent: f.last('plain_y').overLast(3),
    my_some: f
      .count()
      .where((r) => r.plain_z.gt(4))
      .over('1d'),
  }),
})
const late = featureView('late', {
  of: owner,
  from: arriving,
  every: '1d',
  features: (f) => ({
    my_last: f.last('plain_x').over('2d'),
    my_mean: f.mean('plain_y').over('2d'),
    my_min: f.min('plain_z').over('1d'),
  }),
})
const present = featureView('present', {
  of: owner,
  from: events,
  every: '1d',
  population: history,
  features: (f) => ({
    my_quiet: f.age(),
    my_x: f.attribute(history, 'plain_x'),
    my_y: f.attribute(history, 'plain_y'),
  }),
})
const passed = featureView('passed', {
  of: owner,
  from: given,
  every: '1d',
  features: (f) => ({ my_x: f.column('plain_x'), my_y: f.column('plain_y'), my_z: f.column('plain_z') }),
})
const service = featureService('named', [windows, late, present, passed])
const ahead = label('my_ahead', { of: owner, from: events, value: (f) => f.sum('plain_z').ahead('6h') })

/** The same plan with other names, and with as many keys as wanted. */
function renamed(plan: unknown, { keys, time, order, measures }: Names): string {
  const names = new Map([
    ['plain_time', time],
    ['plain_order', order],
    ['plain_x', measures[0]],
    ['plain_y', measures[1]],
    ['plain_z', measures[2]],
  ])
  const isKey = (one: unknown): one is object =>
    typeof one === 'object' && one !== null && 'name' in one && one.name === 'plain_key'
  return JSON.stringify(plan, (_, value: unknown) => {
    if (Array.isArray(value))
      return value.flatMap((one: unknown): readonly unknown[] =>
        isKey(one) ? keys.map((name) => ({ ...one, name })) : [one],
      )
    return typeof value === 'string' ? (names.get(value) ?? value) : value
  })
}

/**
 * Materializes four kinds of view over tables whose columns are called so, trains with a label both ways, and reads
 * online: all values.
 */
async function valuesWith(
  names: Names,
  log = false,
): Promise<{ readonly values: string; readonly statements: readonly string[] }> {
  const folder = await mkdtemp(join(tmpdir(), 'martlet-names-'))
  const { keys, time, order, measures } = names
  try {
    await using warehouse = await openDuckDb({ threads: 1 })
    await using catalog = await openCatalog({ path: join(folder, 'catalog.db') })
    await using online = openMemoryStore()
    await warehouse.run(sql`CREATE SCHEMA mart`)
    const values = [
      ...keys.map((name) => sql`'a' AS ${sql.id(name)}`),
      sql`TIMESTAMP '2024-01-01' + to_hours(i // 2) AS ${sql.id(time)}`,
      sql`i AS ${sql.id(order)}`,
      ...measures.map((name, at) => sql`CAST((i * 7 + ${sql.lit(at)}) % 11 AS DOUBLE) AS ${sql.id(name)}`),
    ]
    await warehouse.run(sql`CREATE TABLE mart.named AS SELECT ${sql.join(values)} FROM range(140) r(i)`)
    if (log) await warehouse.run(sql`CALL enable_logging('QueryLog')`)
    const plan = readServicePlan(renamed(service.plan, names), 'the test')
    const views = plan.views.map(({ view }) => view)
    for (const day of ['03', '04'])
      await materialize({ warehouse, catalog, online, views, now: toMicros(`2024-01-${day}T01:00Z`) })
    const vectors = await openOnlineReader({ service: plan, store: online }).read(
      [Object.fromEntries(keys.map((name) => [name, 'a']))],
      { now },
    )
    const sets: unknown[] = []
    for (const from of ['facts', 'materialized'] as const) {
      const asked = sql`
        SELECT ${sql.join(keys.map((name) => sql`'a' AS ${sql.id(name)}`))},
          TIMESTAMP '2024-01-02 12:00' + to_hours(CAST(i AS INTEGER) * 13) AS my_time
        FROM range(3) r(i)
      `
      const labels = [readLabelPlan(renamed(ahead.plan, names), 'the test')]
      const set = await buildTrainingSet({
        warehouse,
        catalog,
        service: plan,
        labels,
        time: 'my_time',
        asOf: new Date('2024-03-01Z'),
        spine: { query: asked },
        from,
      })
      sets.push(rowsOf(await set.read()).map((row) => [...set.features, ...set.labels].map((name) => row[name])))
    }
    const logged = log
      ? rowsOf(await warehouse.read(sql`SELECT message FROM duckdb_logs WHERE type = 'QueryLog'`)).map(({ message }) =>
          String(message),
        )
      : []
    return {
      values: JSON.stringify([vectors.json(0), sets], (_, value: unknown) =>
        typeof value === 'bigint' ? String(value) : value,
      ),
      statements: logged,
    }
  } finally {
    await rm(folder, { recursive: true })
  }
}

function refused(name: string): boolean {
  try {
    entity('owner', { [name]: z.string() })
    return false
  } catch (error) {
    if (error instanceof MartletError && error.code === 'INVALID_DEFINITION' && error.message.includes('reserved'))
      return true
    throw error
  }
}

test(
  'keys, times, sequences and measures may have the name of anything in any statement that is sent',
  { timeout: 600_000 },
  async () => {
    const { statements, values: expected } = await valuesWith(plain, true)
    expect(expected).not.toContain('null,null')
    const words = [
      ...new Set(
        statements.flatMap((text) =>
          [...text.matchAll(/(?:\bAS |[.(,] ?|\) )"?([a-z][a-z0-9]*(?:_[a-z0-9]+)*)\b(?![.(])/g)].map(
            ([, word = '']) => word,
          ),
        ),
      ),
    ]
      .filter((word) => !/^(?:martlet|plain|my)_/.test(word))
      .toSorted()
    for (const known of [
      'e',
      'j',
      't',
      'us',
      'sequence',
      'tau',
      'tile',
      'known',
      'since',
      'until',
      'place',
      'feature_time',
      'run_id',
    ])
      expect(words).toContain(known)
    expect(words.filter((word) => refused(word) && !/_[0-9a-f]{12}$/.test(word))).toEqual([
      'feature_time',
      'run_id',
      'spine_row',
    ])
    const free = words.filter((word) => !refused(word))
    const batch = 24
    const word = (at: number): string => free[at % free.length] ?? ''
    for (let start = 0; start < free.length; start += batch) {
      const keys = Array.from({ length: batch }, (_, i) => word(start + i))
      const others = Array.from({ length: 5 }, (_, i) => word(start + batch + i * 3))
      const [time = '', order = '', x = '', y = '', z = ''] = others
      const names: Names = { keys, time, order, measures: [x, y, z] }
      expect(
        (await valuesWith(names).catch((error: unknown) => ({ values: String(error) }))).values,
        JSON.stringify(names),
      ).toBe(expected)
    }
  },
)
