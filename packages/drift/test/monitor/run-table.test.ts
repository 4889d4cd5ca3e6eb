import { ensureTable } from '@martlet/warehouse'
import { expect, it } from 'vitest'
import { openTestWarehouse } from '../../../warehouse/test/support/engine.ts'
import { dropLeftTables, runTable } from '../../src/count/run-table.ts'

it('runs of a monitor have tables of their own, and those of runs that were killed long ago are dropped', async () => {
  await using warehouse = await openTestWarehouse()
  const now = new Date(Date.UTC(2026, 5, 1))
  const ofRun = (monitor: string, hours: number): string =>
    runTable('labelled', monitor, new Date(now.getTime() - hours * 3_600_000))
  expect(ofRun('both', 1)).not.toBe(ofRun('both', 1))
  const left = [ofRun('both', 25), 'monitoring.labelled_both']
  const kept = [ofRun('both', 23), ofRun('both_others', 1000), 'monitoring.labelled_both_others']
  for (const table of [...left, ...kept])
    await ensureTable(warehouse, { table, columns: [{ name: 'c', type: 'text' }] })
  await dropLeftTables(warehouse, 'labelled', 'both', now)
  for (const table of left) expect(await warehouse.introspect(table)).toBeUndefined()
  for (const table of kept) expect(await warehouse.introspect(table)).toHaveLength(1)
})
