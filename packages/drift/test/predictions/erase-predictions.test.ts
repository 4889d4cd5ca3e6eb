import { erasedKeys, keyMentions } from '@martlet/feature-store'
import { rowsOf, sql, tableRef, type Warehouse } from '@martlet/warehouse'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openTestWarehouse } from '../../../warehouse/test/support/engine.ts'
import { erasePredictions, loadPredictions, predictionTable } from '../../src/index.ts'
import { logFolder, logLine } from './log-folder.ts'

let warehouse: Warehouse
beforeAll(async () => {
  warehouse = await openTestWarehouse()
})
afterAll(() => warehouse.close())

const entity = {
  name: 'meter',
  keys: [
    { name: 'site', type: 'bigint' as const },
    { name: 'service', type: 'text' as const },
  ],
}

it('the predictions of erased keys leave the table, those of other keys and services stay', async () => {
  const line = (site: number, service: string, of: string): string => logLine({ service: of, keys: { site, service } })
  const folder = await logFolder({
    'a.jsonl': [line(1, 'a', 's'), line(1, 'a', 's'), line(1, 'b', 's'), line(2, 'a', 's'), line(1, 'a', 'other')],
  })
  await loadPredictions({ warehouse, folder, model: 'meters' })
  const mentions = keyMentions(erasedKeys(entity, [{ site: 1n, service: 'a' }]))
  const isAbout = (service: string): boolean => service === 's'
  const found = [{ kind: 'predictions', place: predictionTable('meters'), rows: 2 }]
  expect(await erasePredictions(warehouse, mentions, { isAbout, dryRun: true })).toEqual(found)
  expect(await erasePredictions(warehouse, mentions, { isAbout })).toEqual(found)
  expect(await erasePredictions(warehouse, mentions, { isAbout })).toEqual([])
  const rows = rowsOf(
    await warehouse.read(
      sql`SELECT site, key__service AS k, service FROM ${tableRef(predictionTable('meters'))} ORDER BY log_line`,
    ),
  )
  expect(rows.map((row) => [Number(row['site']), row['k'], row['service']])).toEqual([
    [1, 'b', 's'],
    [2, 'a', 's'],
    [1, 'a', 'other'],
  ])
})
