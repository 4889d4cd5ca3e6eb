import { rowsOf, sql, type Warehouse } from '@martlet/warehouse'
import { test } from 'vitest'
import { z } from 'zod'
import { openTestWarehouse } from '../../../warehouse/test/support/engine.ts'
import { compileViewRows, entity, fact, featureView } from '../../src/index.ts'
import { agree } from './exact/agree.ts'
import { replaceTable } from './mart-tables.ts'

const meter = entity('meter', { meter_id: z.string() })
const load = fact('mart.load', {
  columns: { meter_id: z.string(), ts: z.date(), x: z.number() },
  entities: [meter],
  eventTime: 'ts',
})
const view = featureView('load', {
  of: meter,
  from: load,
  every: '1d',
  features: (f) => ({ trend: f.slope('x').lifetime() }),
})
const T = BigInt(Date.UTC(2024, 0, 1)) * 1000n
/** In the year 2: µs from then to T have more digits than a double. */
const OLD = -62_104_060_800_000_000n

async function trend(warehouse: Warehouse, lookup: 'dense' | 'sparse' | 'direct' | 'scan'): Promise<unknown> {
  return warehouse.session(async (session) => {
    const compiled = compileViewRows(session, view.plan, { from: T, to: T + 1n }, { lookup })
    for (const statement of compiled.prepare) await session.run(statement)
    const [row] = rowsOf<{ trend: number | null }>(await session.read(sql`SELECT trend FROM (${compiled.query}) q`))
    for (const statement of compiled.cleanup) await session.run(statement)
    return row?.trend
  })
}

test('events of the year 2 that lie 3 µs apart have a slope, the same by every plan', async () => {
  await using warehouse = await openTestWarehouse()
  await replaceTable(warehouse, 'mart.load', { meter_id: 'text', ts: 'timestamp', x: 'double' }, [])
  const facts = [0n, 1n, 3n].map(
    (micros) => sql`('m', ${warehouse.leaves.timestamp(OLD + micros)}, ${sql.lit(1 + Number(micros) / 2)})`,
  )
  await warehouse.run(sql`INSERT INTO mart.load (meter_id, ts, x) VALUES ${sql.join(facts)}`)
  // Half of one per µs.
  for (const lookup of ['dense', 'sparse', 'direct', 'scan'] as const) {
    const found = await trend(warehouse, lookup)
    agree(typeof found === 'number' ? found : null, 0.5 * 86_400_000_000, lookup)
  }
})
