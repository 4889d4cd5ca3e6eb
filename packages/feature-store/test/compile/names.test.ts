import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { MartletError, openDuckDb, rowsOf, sql, type Warehouse } from '@martlet/warehouse'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { readLabelPlan, readServicePlan } from '../../src/catalog/plan-json.ts'
import { buildTrainingSet, dimension, entity, fact, featureService, featureView, label, precomputed } from '../../src/index.ts'

/** Every table, alias and column of the compiled SQL: what a user might also call a column. */
const golden = join(import.meta.dirname, 'golden')
const texts = readdirSync(golden).filter((file) => file.endsWith('.duckdb.sql')).map((file) => readFileSync(join(golden, file), 'utf8'))
const words = [...new Set(texts.flatMap((text) => [...text.matchAll(/(?:\bAS |\.|\) )"?([a-z][a-z0-9]*(?:_[a-z0-9]+)*)\b/g)].map(([, word = '']) => word)))].filter((word) => !word.startsWith('martlet_')).toSorted()

let warehouse: Warehouse
beforeAll(async () => {
  warehouse = await openDuckDb()
})
afterAll(() => warehouse.close())

interface Names {
  readonly key: string
  readonly time: string
  readonly column: string
  readonly feature: string
}

const plain: Names = { key: 'some_key', time: 'some_time', column: 'some_column', feature: 'some_feature' }

const owner = entity('owner', { some_key: z.string() })
const columns = { some_key: z.string(), some_time: z.date(), some_column: z.number() }
const readings = fact('named', { columns, entities: [owner], eventTime: 'some_time' })
const rows = precomputed('named', { columns, entity: owner, time: 'some_time' })
const history = dimension('named', { columns, entity: owner, validFrom: 'some_time' })
const service = featureService('named', [
  featureView('windows', {
    of: owner, from: readings, every: '1d',
    features: (f) => ({
      some_feature: f.age(), my_total: f.sum('some_column').over('2d'), my_most: f.max('some_column').over('2d'), my_kinds: f.distinct('some_column').over('2d'),
      my_spread: f.stddev('some_column').over('3d'), my_recent: f.mean('some_column').overLast(2), my_trend: f.slope('some_column').over('2d'),
    }),
  }),
  featureView('present', { of: owner, from: readings, every: '1d', population: history, features: (f) => ({ some_feature: f.age(), my_now: f.attribute(history, 'some_column') }) }),
  featureView('passed', { of: owner, from: rows, every: '1d', features: (f) => ({ some_feature: f.column('some_column') }) }),
])
const ahead = label('ahead', { of: owner, from: readings, value: (f) => f.sum('some_column').ahead('1d') })

/** Whether a definition may use the names at all. */
function refuses({ key, feature }: Names): boolean {
  try {
    entity('owner', { [key]: z.string() })
    featureView('windows', { of: owner, from: readings, every: '1d', features: (f) => ({ [feature]: f.age() }) })
    return false
  } catch (error) {
    if (error instanceof MartletError && error.code === 'INVALID_DEFINITION') return true
    throw error
  }
}

/** Values of three kinds of view and of a label, whatever things are called: the same plans with other names. */
async function valuesWith({ key, time, column, feature }: Names): Promise<unknown> {
  const renamed = (plan: unknown): string => JSON.stringify(plan).replaceAll('"some_key"', `"${key}"`).replaceAll('"some_time"', `"${time}"`).replaceAll('"some_column"', `"${column}"`).replaceAll('"some_feature"', `"${feature}"`)
  await warehouse.run(sql`CREATE OR REPLACE TABLE named AS SELECT 'a' AS ${sql.id(key)}, TIMESTAMP '2024-01-01' + to_hours(i) AS ${sql.id(time)}, i::DOUBLE AS ${sql.id(column)} FROM range(5) r(i)`)
  const spine = { query: sql`SELECT 'a' AS ${sql.id(key)}, TIMESTAMP '2024-01-01' + to_hours(CAST(i * 26 AS INTEGER)) AS spine_time FROM range(2) r(i)` }
  const set = await buildTrainingSet({
    warehouse, spine, time: 'spine_time', asOf: new Date('2024-03-01Z'),
    service: readServicePlan(renamed(service.plan), 'the test'), labels: [readLabelPlan(renamed(ahead.plan), 'the test')],
  })
  return rowsOf(await set.read()).map((row) => [...set.features, ...set.labels].map((name) => row[name]))
}

test.each([
  ['key', ['e', 'feature_time', 'j', 'place', 'run_id', 'spine_row', 't', 'us', 'x', 'x0', 'x1', 'x2', 'x3']],
  ['time', []],
  ['column', []],
  ['feature', ['e', 'feature_time', 'place', 'run_id', 'spine_row', 't']],
] as const)('a %s may have any name but those that its definition refuses', { timeout: 120_000 }, async (part, reserved) => {
  expect(words.length).toBeGreaterThan(40)
  const expected = await valuesWith(plain)
  const refused: string[] = []
  for (const word of words) {
    const names = { ...plain, [part]: word }
    if (refuses(names)) refused.push(word)
    else expect(await valuesWith(names), word).toEqual(expected)
  }
  expect(refused.filter((word) => !reserved.some((one) => one === word))).toEqual([])
})
