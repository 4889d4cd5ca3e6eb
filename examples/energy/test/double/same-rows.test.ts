import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openLmdbStore, openOnlineReader, toMicros, vectorFields, type ServicePlan } from '@martlet/feature-store'
import { openDuckDb, sql, type Warehouse } from '@martlet/warehouse'
import { SnowflakeDouble } from '../../../../packages/warehouse/test/snowflake/double/double.ts'
import { openDouble } from '../../../../packages/warehouse/test/snowflake/double/open-double.ts'
import { expectAllowed } from '../../../../packages/warehouse/test/snowflake-sql/expect-allowed.ts'
import { energyDefinitions } from '../../src/definitions/next-day.ts'
import { differingPlaces, storedProfiles } from './compare-profiles.ts'
import { runDemo, settingsOf, type DemoEnd } from './demo-process.ts'
import { differences, plainTimes, storedTable, tableNames } from './table-rows.ts'

const FLAGS = ['--customers', '12', '--days', '60', '--seed', '11']
/** The last day of the mart ends here: the clock of the demo. */
const NOW = toMicros('2025-03-02')

/**
 * Columns that name a run, a request, a file or their times, or have the text of a query, which is in the engine's SQL. Profiles
 * are compared on their own: on few cores, numbers of DuckDB are added up in the process of the SDK.
 */
const OF_THE_RUN = [
  'run_id',
  'checked_at',
  'query',
  'request_id',
  'log_file',
  'bytes',
  'modified',
  'sha256',
  'loaded_at',
  'body',
]

describe('the demo on DuckDB and on Snowflake, played by a double', () => {
  const texts = new Set<string>()
  const ends: DemoEnd[] = []
  let folder: string
  let double: SnowflakeDouble
  let duckdb: Warehouse
  let snowflake: Warehouse
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'martlet-engines-'))
    double = await SnowflakeDouble.start()
    double.ran = ({ sql: text }) => texts.add(text)
    // With several threads DuckDB adds doubles in another order each time, and slopes and spreads differ in their last digits.
    ends.push(await runDemo([...FLAGS, '--folder', join(folder, 'duckdb'), '--threads', '1']))
    ends.push(
      await runDemo(
        [...FLAGS, '--folder', join(folder, 'snowflake'), '--engine', 'snowflake'],
        await settingsOf(double, folder),
      ),
    )
    duckdb = await openDuckDb({ path: join(folder, 'duckdb/warehouse.duckdb') })
    snowflake = await openDouble(double)
  }, 400_000)
  afterAll(async () => {
    await duckdb?.close()
    await snowflake?.close()
    await double.stop()
    await rm(folder, { recursive: true, force: true })
  })

  test('runs every step, and prints the same apart from places and durations', () => {
    for (const end of ends) expect(end).toMatchObject({ code: 0, err: '' })
    const [left, right] = ends.map(({ out }) => comparable(out))
    expect(right).toEqual(left)
  })

  test('leaves the same tables with the same rows, to the last bit of every double', async () => {
    const tables = (await tableNames(duckdb)).filter((name) => !name.startsWith('main.'))
    expect((await tableNames(snowflake)).filter((name) => !name.startsWith('public.'))).toEqual(tables)
    const figures: string[] = []
    const wrong: string[] = []
    for (const table of tables) {
      const [left, right] = [
        await storedTable(duckdb, table, OF_THE_RUN),
        await storedTable(snowflake, table, OF_THE_RUN),
      ]
      expect([table, right.columns]).toEqual([table, left.columns])
      const differing = differences(left, right)
      figures.push(
        `${table}: ${left.lines.length} rows of ${left.columns.length} columns, ${differing.length} differences`,
      )
      wrong.push(...differing.slice(0, 4).map((line) => `${table} ${line}`))
    }
    console.info(figures.join('\n'))
    expect(wrong).toEqual([])
    for (const table of [
      'features.customer_usage',
      'features.customer_season',
      'features.customer_profile',
      'features.calendar',
      'ml.customer_usage_latest',
      'training.next_day_consumption',
    ])
      expect(tables).toContain(table)
  })

  test('leaves the same profiles, but for the last digits of sums', async () => {
    const [left, right] = [await storedProfiles(duckdb), await storedProfiles(snowflake)]
    expect([...left.keys()].toSorted()).toEqual(['next_day_kwh', 'next_day_kwh_recent'])
    expect([...right.keys()].toSorted()).toEqual([...left.keys()].toSorted())
    expect([...left].flatMap(([name, body]) => differingPlaces(body, right.get(name), name))).toEqual([])
    expect(differingPlaces({ counts: [1, 2], sums: [1.5, 2e-11] }, { counts: [1, 3], sums: [1.5, 4e-11] })).toEqual([
      '.counts.1: 2 and 3',
      '.sums.1: 2e-11 and 4e-11',
    ])
  })

  test('publishes the same online vectors', async () => {
    const { nextDay, customerCard } = energyDefinitions('UTC')
    const ids = (await duckdb.read(sql`SELECT DISTINCT customer_id FROM mart.dim_customer ORDER BY 1`)).columns[0]
    const keys = (ids?.type === 'text' ? ids.values : []).map((customer_id) => ({ customer_id }))
    let values = 0
    for (const { plan } of [nextDay, customerCard]) {
      const [left, right] = [await vectors('duckdb', plan, keys), await vectors('snowflake', plan, keys)]
      expect(right).toEqual(left)
      values += left.flat().length
    }
    console.info(`online: ${values} values of ${keys.length} customers, 0 differences`)
    expect(values).toBeGreaterThan(300)
  })

  test('learns the same model, and finds the same drift', async () => {
    for (const name of ['next_day_kwh_features', 'next_day_kwh_served', 'next_day_kwh_truth']) {
      const [left, right] = await Promise.all(
        ['duckdb', 'snowflake'].map((engine) => readFile(join(folder, engine, 'reports', `${name}.md`), 'utf8')),
      )
      expect(right).toBe(left)
    }
    const sha = ends.map(({ out }) => /version 1 \((\w{12})…\)/.exec(out)?.[1])
    expect(sha[0]).toBeTypeOf('string')
    expect(sha[1]).toBe(sha[0])
  })

  test('sends only what Snowflake documents', () => {
    expectAllowed(
      'energy-demo',
      [...texts].filter((text) => !/^\s*(?:ALTER SESSION|BEGIN|COMMIT|ROLLBACK|USE|SHOW)\b/.test(text)),
    )
  })

  /** Value, status and feature time of every field, for every key. */
  async function vectors(
    engine: string,
    service: ServicePlan,
    keys: readonly { readonly customer_id: string }[],
  ): Promise<readonly (readonly string[])[]> {
    const store = openLmdbStore({ path: join(folder, engine, 'online') })
    try {
      const found = await openOnlineReader({ service, store }).read(keys, { now: NOW })
      return keys.map((_, row) =>
        vectorFields(service)
          .map(({ name }, field) => {
            const value = found.value(row, field)
            return `${name}=${Object.is(value, -0) ? '-0' : String(value)} ${found.status(row, field)}`
          })
          .concat(service.views.map((_, view) => String(found.featureTime(row, view)))),
      )
    } finally {
      await store.close()
    }
  }
})

/** The demo's output without paths, seconds, ports and rates. */
function comparable(out: string): readonly string[] {
  const lines = out
    .split('\n')
    .filter((line) => !/look: | [\d.]+ (s|min)$|rows\/s|serving on|^Done in| done: |^ {3}view /.test(line))
  return lines.map((line) =>
    plainTimes(line)
      .replace(/ in \d+ ms/, '')
      .replace(/^( {3}\w+ +[\d,]+ +[\d,]+) +[\d,]+$/, '$1'),
  )
}
