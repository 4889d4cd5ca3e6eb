import { rowsOf, sql, type Warehouse } from '@martlet/warehouse'
import { expect, test } from 'vitest'
import { SnowflakeDouble } from '../../../warehouse/test/snowflake/double/double.ts'
import { openDouble } from '../../../warehouse/test/snowflake/double/open-double.ts'
import { testEngine } from '../../../warehouse/test/support/engine.ts'
import { buildTrainingSet } from '../../src/index.ts'
import { breakConnection, heal, statementsOf, type Break } from '../materialize/break-connection.ts'
import { fillMart, nextDay, service, spineOf } from './training-marts.ts'

const rounds = Math.max(1, Math.round(Number(process.env['MARTLET_RUNS'])))

test.runIf(testEngine === 'snowflake-double').each(['the same columns', 'other columns'])(
  'wherever the connection breaks, the table holds the old set or the new one, of %s, and nothing is left behind',
  async (which) => {
    const double = await SnowflakeDouble.start()
    const build = async (customer: string, labelled: boolean): Promise<void> => {
      await using warehouse = await openDouble(double)
      await buildTrainingSet({
        warehouse,
        service,
        time: 'at',
        into: 'training.kept',
        spine: spineOf([customer, '2024-01-12T12:00:00'], [customer, '2024-01-13T12:00:00']),
        labels: labelled ? [nextDay] : [],
      })
    }
    const look = async (warehouse: Warehouse): Promise<string> =>
      JSON.stringify(rowsOf(await warehouse.read(sql`SELECT * FROM training.kept ORDER BY spine_row`)))
    await using reader = await openDouble(double)
    await fillMart(reader)
    const labelled = which === 'other columns'
    await build('b', labelled)
    const fresh = await look(reader)
    await build('a', false)
    const old = await look(reader)
    const start = statementsOf(double)
    await build('a', false)
    const statements = statementsOf(double) - start
    const step = Math.max(1, Math.floor(statements / (5 * rounds)))
    const places: Break[] = Array.from({ length: Math.floor(statements / step) }, (_, i): Break => ({
      at: i % 2 === 0 ? 'before' : 'after',
      like: /./,
      times: 1 + i * step,
    }))
    const last = labelled ? /^CREATE OR REPLACE TABLE "TRAINING"/ : /^COMMIT/
    const seen = new Set<string>()
    for (const place of [
      ...places,
      { at: 'before', like: last, times: labelled ? 1 : 2 },
      { at: 'after', like: last, times: labelled ? 1 : 2 },
    ] satisfies Break[]) {
      const isBroken = breakConnection(double, place)
      await build('b', labelled).catch(() => undefined)
      heal(double)
      expect(isBroken(), `${place.at} ${String(place.like)} ${place.times}`).toBe(true)
      await using again = await openDouble(double)
      const found = await look(again)
      expect([old, fresh]).toContain(found)
      seen.add(found)
      if (found === fresh) await build('a', false)
    }
    expect(seen).toEqual(new Set([old, fresh]))
    await build('b', labelled)
    await using again = await openDouble(double)
    expect(await look(again)).toBe(fresh)
    const tables = rowsOf<{ name: string }>(
      await again.read(
        sql`SELECT table_name AS name FROM information_schema.tables WHERE table_type = 'BASE TABLE' AND table_schema <> 'MART'`,
      ),
    )
    expect(tables.map(({ name }) => name)).toEqual(['KEPT'])
    await reader.close()
    await again.close()
    await double.stop()
  },
)
