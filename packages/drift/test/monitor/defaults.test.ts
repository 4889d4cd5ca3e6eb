import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildTrainingSet, entity, fact, featureService, featureView, vectorFields } from '@martlet/feature-store'
import { sql, type Sql, type Warehouse } from '@martlet/warehouse'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { openTestWarehouse } from '../../../warehouse/test/support/engine.ts'
import { profileReference, runDrift, vectorColumns, type ReferenceProfile } from '../../src/index.ts'
import { columnResult } from '../tables.ts'

const customer = entity('customer', { customer_id: z.string() })
const usage = fact('mart.usage', {
  columns: { customer_id: z.string(), ts: z.date(), kwh: z.number() },
  entities: [customer],
  eventTime: 'ts',
})
const view = featureView('usage', {
  of: customer,
  from: usage,
  every: '1d',
  features: (f) => ({ kwh: f.max('kwh').over('1d').default(-1), n: f.count().over('1d') }),
})
const service = featureService('s', [view])

let warehouse: Warehouse
let folder: string
let profile: ReferenceProfile
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'martlet-defaults-'))
  warehouse = await openTestWarehouse()
  await warehouse.run(sql`CREATE SCHEMA mart`)
  const at = (text: string): Sql => sql`CAST(${sql.lit(text)} AS ${warehouse.leaves.columnType('timestamp')})`
  await warehouse.run(
    sql`CREATE TABLE mart.usage AS SELECT 'a' AS customer_id, ${at('2026-01-01 12:00:00')} AS ts, CAST(5 AS DOUBLE) AS kwh`,
  )
  // Of four rows, one is of the day after the only event.
  const day = (n: number, id: string) =>
    sql`SELECT ${sql.lit(id)} AS customer_id, ${at(`2026-01-0${n} 01:00:00`)} AS at`
  const spine = { query: sql.join([day(2, 'a'), day(3, 'a'), day(2, 'nobody'), day(3, 'nobody')], sql` UNION ALL `) }
  const set = await buildTrainingSet({ warehouse, service, spine, time: 'at' })
  profile = await profileReference(warehouse, {
    name: 's',
    relation: set.table,
    columns: vectorColumns(vectorFields(service.plan)),
    time: 'at',
    rowKind: 'trainingSet',
  })
})
afterAll(async () => {
  await warehouse.close()
  await rm(folder, { recursive: true })
})

test('a profile counts what was missing, not the defaults', () => {
  const [kwh, n] = profile.columns
  expect(kwh).toMatchObject({ name: 'usage__kwh_1d', nulls: 3, finite: 1, minimum: 5, maximum: 5 })
  expect(n).toMatchObject({ name: 'usage__n_1d', nulls: 2, finite: 2 })
})

test('a log counts what was missing, not what the model was given', async () => {
  const line = (kwh: number, status?: string) =>
    JSON.stringify({
      time: '2026-01-10T00:00:00.000Z',
      values: { usage__kwh_1d: kwh, usage__n_1d: 1 },
      missing: status === undefined ? {} : { usage__kwh_1d: status },
      prediction: { prediction: 1 },
    })
  const path = join(folder, 'log.jsonl')
  await writeFile(path, [line(5), line(-1, 'NULL_VALUE'), line(-1, 'NOT_FOUND'), line(-1)].join('\n'))
  const result = await runDrift({
    warehouse,
    profile,
    current: { log: [path] },
    now: new Date('2026-01-11T00:00:00Z'),
    record: false,
  })
  // -1 itself may be a value.
  expect(columnResult(result, 'usage__kwh_1d').values).toBe(2)
})
