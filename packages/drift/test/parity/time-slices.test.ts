import { rowsOf, sql } from '@martlet/warehouse'
import { expect, test } from 'vitest'
import { openTestWarehouse } from '../../../warehouse/test/support/engine.ts'
import { timeSlices } from '../../src/parity/time-slices.ts'

test('stretches of time have every prediction once, those of one instant together', async () => {
  await using warehouse = await openTestWarehouse()
  const at = (minute: number) =>
    sql`CAST(${`2026-01-01 00:0${minute}:00`} AS ${warehouse.leaves.columnType('timestamp')})`
  const minutes = [5, 1, 1, 1, 2, 3, 4, 5]
  const rows = minutes.map((minute, n) => sql`SELECT ${at(minute)} AS predicted_at, ${sql.lit(n)} AS n`)
  await warehouse.run(sql`CREATE TABLE predictions AS ${sql.join(rows, sql` UNION ALL `)}`)
  const logged = {
    table: 'predictions',
    columns: [],
    where: sql`n > 0 OR n < 0`,
    version: sql`0`,
    versions: [0],
    counts: new Map([[0, 7]]),
    windows: { number: sql`0`, where: sql`1 = 1`, indexOf: () => 0 },
  }
  const found: number[][] = []
  for (const { where } of await timeSlices(warehouse, logged, 2)) {
    const kept = rowsOf(await warehouse.read(sql`SELECT n FROM predictions WHERE ${where} ORDER BY n`))
    found.push(kept.map(({ n }) => Number(n)))
  }
  expect(found).toEqual([[1, 2, 3, 4], [5, 6], [7]])
  expect(await timeSlices(warehouse, logged, 7)).toEqual([logged])
})
