import type { MaterializedView } from '@martlet/feature-store'
import { sql, tableRef } from '@martlet/warehouse'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectAllowed } from '../../../../packages/warehouse/test/snowflake-sql/expect-allowed.ts'
import { loads, snapshots } from '../../src/mart-steps.ts'
import { compareTables, type Compared } from './compare-tables.ts'
import { deployedDouble, deployedDuckDb, type DeployedEngine } from './engines.ts'
import { runExample, views, type ExampleRun } from './run-example.ts'

describe('the example on DuckDB and on Snowflake, played by a double', () => {
  const texts = new Set<string>()
  let duckdb: DeployedEngine
  let snowflake: DeployedEngine
  let runs: readonly [ExampleRun, ExampleRun]
  beforeAll(async () => {
    ;[duckdb, snowflake] = await Promise.all([deployedDuckDb(), deployedDouble(texts)])
    runs = await Promise.all([runExample(duckdb), runExample(snowflake)])
  }, 240_000)
  afterAll(async () => {
    await duckdb?.[Symbol.asyncDispose]()
    await snowflake?.[Symbol.asyncDispose]()
  })

  /** Compares tables, and prints how much was compared. */
  async function expectSame(what: string, tables: readonly (readonly [string, readonly string[]])[]): Promise<void> {
    const compared: Compared[] = []
    for (const [table, key] of tables)
      compared.push(await compareTables([duckdb.as('ADMIN'), snowflake.as('ADMIN')], table, key))
    const sum = (of: 'rows' | 'values' | 'known' | 'close'): number => compared.reduce((all, one) => all + one[of], 0)
    const wrong = compared.flatMap(({ table, wrong: lines }) => lines.map((line) => `${table}: ${line}`))
    console.info(
      `${what}: ${compared.length} tables, ${sum('rows')} rows, ${sum('values')} values of which ${sum('known')} are not null, ` +
        `${wrong.length} differences, ${sum('close')} doubles differ by less than 1e-9`,
    )
    expect(wrong.slice(0, 20)).toEqual([])
    for (const { table, rows } of compared) expect([table, rows > 0]).toEqual([table, true])
    expect(sum('known')).toBeGreaterThan(0.8 * sum('values'))
  }

  test('has the same staging and mart', async () => {
    expect(runs[1].filled).toEqual(runs[0].filled)
    await expectSame('staging and mart', [
      ...loads.map(({ into, key }) => [into, key] as const),
      ...snapshots.map(({ into, key }) => [into, [...key, 'valid_from']] as const),
    ])
  })

  test('has the same rows of every feature view', async () => {
    expect(views).toHaveLength(19)
    await expectSame(
      'features',
      views.map(({ name, entity }) => [`features.${name}`, [...entity.keys.map((key) => key.name), 'feature_time']]),
    )
  })

  test('has the same findings of the business rules', () => {
    const [left, right] = runs.map((run) => run.views.map(findingsOf))
    expect(right).toEqual(left)
    const found = new Set(runs[0].views.flatMap(({ findings }) => findings.map(({ check }) => check)))
    expect([...found]).toEqual(expect.arrayContaining(['tier_valid', 'customer_known', 'capacity_not_exceeded']))
  })

  test('has the same training sets', async () => {
    await expectSame(
      'training sets',
      runs[0].sets.map(({ table, keys }) => [table, [...keys, 'at']]),
    )
    for (const [label, table] of [
      ['fails', 'training.maintenance_risk'],
      ['late', 'training.delivery_delay'],
    ] as const) {
      const { columns } = await snowflake
        .as('ADMIN')
        .read(sql`SELECT COUNT(DISTINCT ${sql.id(label)}) AS n FROM ${tableRef(table)}`)
      expect([label, Number(columns[0]?.values[0])]).toEqual([label, 2])
    }
  })

  test('sends only what Snowflake documents', () => {
    const asked = [...texts].filter((text) => !/^\s*(?:ALTER SESSION|BEGIN|COMMIT|ROLLBACK|USE|SHOW)\b/.test(text))
    // The queries of loads are sent as their files have them, comments too.
    expectAllowed(
      'logistics-example',
      asked.map((text) => text.replaceAll(/--.*/g, '')),
    )
  })
})

/** Examples and queries are in the engine's own words. */
function findingsOf({ view, rows, newest, findings }: MaterializedView): unknown {
  const found = findings.map(({ table, column, check, severity, count, total }) =>
    [table, column, check, severity, count, total].join(' '),
  )
  return { view, rows, newest, findings: found.toSorted() }
}
