import process from 'node:process'
import { openDuckDb, openSnowflake } from '@martlet/warehouse'
import type { Warehouse } from '@martlet/warehouse'
import { SnowflakeDouble } from '../snowflake/double/double.ts'
import { openDouble } from '../snowflake/double/open-double.ts'
import { createLiveDatabase } from '../snowflake/live/live-database.ts'
import { counted, keepCount } from '../snowflake/live/statement-count.ts'

export type TestEngine = 'duckdb' | 'snowflake-double' | 'snowflake-live'

/** The engine that suites run on which run on every engine; vitest.config.ts runs them once on each. */
export const testEngine: TestEngine = engineNamed(process.env['MARTLET_TEST_ENGINE'])

/**
 * How often a property runs on this engine: every statement to the double goes over HTTP, and one to an account costs money.
 * On DuckDB a property of five or more examples runs at least twice.
 */
export function runsOf(runs: number): number {
  const share = testEngine === 'duckdb' ? 1 : testEngine === 'snowflake-double' ? 1 / 10 : 1 / 50
  const least = testEngine === 'duckdb' && runs >= 5 ? 2 : 1
  return Math.max(least, Math.ceil(runs * share * Number(process.env['MARTLET_RUNS'] ?? 1)))
}

/**
 * How many views are asked, and how many of `marts` random marts are asked of each. A view costs its planning: where fewer
 * examples are drawn, fewer views are, and each is asked of more marts, so that all of them are asked on DuckDB.
 */
export function viewsOf(marts: number, together: number): { readonly views: number; readonly together: number } {
  const views = runsOf(Math.ceil(marts / together))
  return { views, together: testEngine === 'duckdb' ? Math.max(together, Math.ceil(marts / views)) : together }
}

/**
 * An empty warehouse on the engine under test; closing it takes everything away. It has one thread: of tables as small as those
 * of tests, several only wait for each other.
 */
export async function openTestWarehouse(): Promise<Warehouse> {
  if (testEngine === 'duckdb') return openDuckDb({ threads: 1 })
  if (testEngine === 'snowflake-double') {
    const double = await SnowflakeDouble.start()
    return closingToo(await openDouble(double), () => double.stop())
  }
  return openLive()
}

async function openLive(): Promise<Warehouse> {
  const database = await createLiveDatabase()
  try {
    return closingToo(counted(await openSnowflake(database.options)), async () => {
      keepCount()
      await database.drop()
    })
  } catch (error) {
    await database.drop()
    throw error
  }
}

function closingToo(warehouse: Warehouse, end: () => Promise<void>): Warehouse {
  const close = warehouse.close.bind(warehouse)
  const both = async (): Promise<void> => {
    try {
      await close()
    } finally {
      await end()
    }
  }
  return Object.assign(warehouse, { close: both, [Symbol.asyncDispose]: both })
}

function engineNamed(name: string | undefined): TestEngine {
  if (name === undefined || name === '') return 'duckdb'
  if (name === 'duckdb' || name === 'snowflake-double' || name === 'snowflake-live') return name
  throw new Error(`MARTLET_TEST_ENGINE is ${name}; it can be duckdb, snowflake-double or snowflake-live`)
}
