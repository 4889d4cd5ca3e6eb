import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { MartletError, openDuckDb, rowsOf, sql, type Warehouse } from '@martlet/warehouse'
import { afterAll, beforeAll, expect, test } from 'vitest'
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
  lookupTable,
  precomputed,
} from '../../src/index.ts'

/** Every table, alias and column of the compiled SQL: what a user might also call a column. */
const golden = join(import.meta.dirname, 'golden')
const texts = readdirSync(golden)
  .filter((file) => file.endsWith('.duckdb.sql'))
  .map((file) => readFileSync(join(golden, file), 'utf8'))
const words = [
  ...new Set(
    texts.flatMap((text) =>
      [...text.matchAll(/(?:\bAS |\.|\) )"?([a-z][a-z0-9]*(?:_[a-z0-9]+)*)\b/g)].map(([, word = '']) => word),
    ),
  ),
]
  .filter((word) => !word.startsWith('martlet_'))
  .toSorted()

let warehouse: Warehouse
beforeAll(async () => {
  warehouse = await openDuckDb({ threads: 1 })
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
const prices = lookupTable('named', { columns, validFrom: 'some_time', knownAhead: true })
const service = featureService('named', [
  featureView('windows', {
    of: owner,
    from: readings,
    every: '1d',
    features: (f) => ({
      some_feature: f.age(),
      my_price: f.lookup(prices, 'some_column', { at: '+1d' }),
      my_total: f.sum('some_column').over('2d'),
      my_most: f.max('some_column').over('2d'),
      my_kinds: f.distinct('some_column').over('2d'),
      my_spread: f.stddev('some_column').over('3d'),
      my_recent: f.mean('some_column').overLast(2),
      my_trend: f.slope('some_column').over('2d'),
      my_first: f.first('some_column').over('2d'),
      my_last: f.last('some_column').lifetime(),
    }),
  }),
  featureView('present', {
    of: owner,
    from: readings,
    every: '1d',
    population: history,
    features: (f) => ({ some_feature: f.age(), my_now: f.attribute(history, 'some_column') }),
  }),
  featureView('passed', {
    of: owner,
    from: rows,
    every: '1d',
    features: (f) => ({ some_feature: f.column('some_column') }),
  }),
])
const ahead = label('ahead', { of: owner, from: readings, value: (f) => f.sum('some_column').ahead('1d') })

type Part = keyof Names

/** Words that a definition refuses for a part; those on the list may be refused, any other must work. */
const reserved: Readonly<Record<Part, readonly string[]>> = {
  key: ['feature_time', 'run_id', 'spine_row'],
  time: [],
  column: [],
  feature: ['e', 'feature_time', 'place', 'run_id', 'spine_row', 't'],
}

/** Whether a definition may use the name for that part at all. */
function refuses(part: Part, name: string): boolean {
  try {
    if (part === 'key') entity('owner', { [name]: z.string() })
    if (part === 'feature')
      featureView('windows', { of: owner, from: readings, every: '1d', features: (f) => ({ [name]: f.age() }) })
    return false
  } catch (error) {
    if (error instanceof MartletError && error.code === 'INVALID_DEFINITION') return true
    throw error
  }
}

/** Values of three kinds of view and of a label, whatever things are called: the same plans with other names. */
async function valuesWith({ key, time, column, feature }: Names): Promise<unknown> {
  const renamed = (plan: unknown): string =>
    JSON.stringify(plan)
      .replaceAll('"some_key"', `"${key}"`)
      .replaceAll('"some_time"', `"${time}"`)
      .replaceAll('"some_column"', `"${column}"`)
      .replaceAll('"some_feature"', `"${feature}"`)
  await warehouse.run(
    sql`
      CREATE
        OR REPLACE TABLE named AS SELECT 'a' AS ${sql.id(key)}, TIMESTAMP '2024-01-01' + to_hours(i) AS ${sql.id(time)},
          i::DOUBLE AS ${sql.id(column)}
      FROM range(5) r(i)
    `,
  )
  const spine = {
    query: sql`SELECT 'a' AS ${sql.id(key)}, TIMESTAMP '2024-01-01' + to_hours(CAST(i * 26 AS INTEGER)) AS spine_time FROM range(2) r(i)`,
  }
  const set = await buildTrainingSet({
    warehouse,
    spine,
    time: 'spine_time',
    asOf: new Date('2024-03-01Z'),
    service: readServicePlan(renamed(service.plan), 'the test'),
    labels: [readLabelPlan(renamed(ahead.plan), 'the test')],
  })
  return rowsOf(await set.read()).map((row) => [...set.features, ...set.labels].map((name) => row[name]))
}

test(
  'a key, a time, a column and a feature may have any name but those that their definition refuses',
  { timeout: 600_000 },
  async () => {
    expect(words.length).toBeGreaterThan(40)
    const expected = await valuesWith(plain)
    const refused: string[] = []
    // Every word once for every part, with four words at a time; of these, an eighth in each run, by its seed.
    for (const index of words.keys()) {
      if ((index + Number(process.env['MARTLET_SEED'])) % 8 >= Number(process.env['MARTLET_RUNS'])) continue
      const word = (part: Part, offset: number): string => {
        const name = words[(index + offset) % words.length] ?? ''
        if (!refuses(part, name)) return name
        refused.push(`${part} ${name}`)
        return plain[part]
      }
      const names: Names = {
        key: word('key', 0),
        time: word('time', 1),
        column: word('column', 2),
        feature: word('feature', 3),
      }
      expect(await valuesWith(names).catch((error: unknown) => error), JSON.stringify(names)).toEqual(expected)
    }
    expect(
      refused.filter(
        (one) => !Object.entries(reserved).some(([part, list]) => list.some((name) => one === `${part} ${name}`)),
      ),
    ).toEqual([])
  },
)
