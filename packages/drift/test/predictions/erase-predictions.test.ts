import { erasedKeys, keyMentions } from '@martlet/feature-store'
import { rowsOf, sql, tableRef, type Sql, type StreamOptions, type Warehouse } from '@martlet/warehouse'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openTestWarehouse } from '../../../warehouse/test/support/engine.ts'
import { erasePredictions, loadPredictions, predictionTable, runTruth } from '../../src/index.ts'
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

it('a key that was never given, one that is spelled in two ways and one called key__… keep nothing back', async () => {
  const meter = { name: 'meter', keys: [{ name: 'key__site', type: 'text' as const }] }
  const folder = await logFolder({
    'a.jsonl': [
      logLine({ keys: { key__site: 'abc', room: null } }),
      logLine({ keys: { KEY__Site: 'abd', room: null } }),
      logLine({ keys: { key__site: 'abd' } }),
    ],
  })
  await loadPredictions({ warehouse, folder, model: 'spelled' })
  const mentions = keyMentions(erasedKeys(meter, [{ key__site: 'abd' }]))
  expect(await erasePredictions(warehouse, mentions)).toEqual([
    { kind: 'predictions', place: predictionTable('spelled'), rows: 2 },
  ])
  const table = predictionTable('spelled')
  const labels = { table, time: 'predicted_at', value: 'prediction', within: 1 }
  const windows = [{ from: new Date('2026-01-10'), to: new Date('2026-01-11') }]
  const result = await runTruth({ warehouse, model: 'spelled', labels, windows, record: false })
  expect(result.windows[0]).toMatchObject({ rows: 1, status: 'too_few_rows' })
})

it('keys pass by in batches, however many there are', async () => {
  const folder = await logFolder({
    'a.jsonl': Array.from({ length: 5000 }, (_, i) => logLine({ keys: { site: `s-${i}` } })),
  })
  await loadPredictions({ warehouse, folder, model: 'many_keys' })
  const site = { name: 'site', keys: [{ name: 'site', type: 'text' as const }] }
  const largest: number[] = []
  const watched: Warehouse = new Proxy(warehouse, {
    get(target, name) {
      if (name === 'read')
        return async (query: Sql) => {
          const batch = await target.read(query)
          largest.push(batch.rows)
          return batch
        }
      if (name === 'stream')
        return async function* (query: Sql, options?: StreamOptions) {
          for await (const batch of target.stream(query, options)) {
            largest.push(batch.rows)
            yield batch
          }
        }
      const found: unknown = Reflect.get(target, name)
      return typeof found === 'function' ? found.bind(target) : found
    },
  })
  expect(await erasePredictions(watched, keyMentions(erasedKeys(site, [{ site: 's-7' }, { site: 's-4999' }])))).toEqual(
    [{ kind: 'predictions', place: predictionTable('many_keys'), rows: 2 }],
  )
  expect(largest.reduce((sum, rows) => sum + rows, 0)).toBeGreaterThan(5000)
  expect(Math.max(...largest)).toBeLessThanOrEqual(4096)
})
