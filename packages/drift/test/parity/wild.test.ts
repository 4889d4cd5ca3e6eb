import {
  entity,
  fact,
  featureService,
  featureView,
  onDemand,
  request,
  type AnyFeatureService,
} from '@martlet/feature-store'
import { ensureSchema, sql, type Warehouse } from '@martlet/warehouse'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { openTestWarehouse } from '../../../warehouse/test/support/engine.ts'
import { loadPredictions, runParity, type FeatureParity, type WindowParity } from '../../src/index.ts'
import { logFolder, logLine } from '../predictions/log-folder.ts'
import { DAY, DELAY, HOUR, landed, NO_ROW, START, usageOf } from './mart.ts'

const windows = [{ from: new Date('2026-01-01'), to: new Date('2026-02-01') }]

/** A view of the last text of each customer. */
const customer = entity('customer', { customer_id: z.string() })
const usage = featureView('usage', {
  of: customer,
  from: fact('mart.notes', {
    columns: { customer_id: z.string(), ts: z.date(), note: z.string() },
    entities: [customer],
    eventTime: 'ts',
  }),
  every: '1d',
  features: (f) => ({ note: f.last('note') }),
})

/** The facts of such a view; the key's column has the given name. */
async function notesTable(
  warehouse: Warehouse,
  key: string,
  texts: Readonly<Record<string, string>> | ReadonlyMap<bigint, string>,
): Promise<void> {
  await ensureSchema(warehouse, 'mart')
  const instant = sql`CAST('2026-01-05' AS ${warehouse.leaves.columnType('timestamp')})`
  const entries = texts instanceof Map ? [...texts] : Object.entries(texts)
  const rows = entries.map(([k, text]) => sql`SELECT ${k} AS k, ${instant} AS ts, ${text} AS note`)
  await warehouse.run(sql`
    CREATE TABLE mart.notes AS
    SELECT k AS ${sql.id(key)}, ts, note
    FROM (${sql.join(rows, sql` UNION ALL `)}) t
  `)
}

async function compared(
  warehouse: Warehouse,
  service: AnyFeatureService,
  lines: readonly Readonly<Record<string, unknown>>[],
): Promise<readonly FeatureParity[]> {
  return (await comparison(warehouse, service, lines))?.features ?? []
}

async function comparison(
  warehouse: Warehouse,
  service: AnyFeatureService,
  lines: readonly Readonly<Record<string, unknown>>[],
): Promise<WindowParity | undefined> {
  const folder = await logFolder({ 'a.jsonl': lines.map((line) => logLine({ service: service.plan.name, ...line })) })
  await loadPredictions({ warehouse, folder, model: 'wild' })
  const { windows: judged } = await runParity({ warehouse, model: 'wild', services: [service], windows })
  return judged[0]?.parity
}

test('keys and values of requests may be called like columns of the comparison', async () => {
  await using warehouse = await openTestWarehouse()
  await notesTable(warehouse, 'parity_at', { a: 'x', b: 'y' })
  const customer = entity('customer', { parity_at: z.string() })
  const usage = featureView('usage', {
    of: customer,
    from: fact('mart.notes', {
      columns: { parity_at: z.string(), ts: z.date(), note: z.string() },
      entities: [customer],
      eventTime: 'ts',
    }),
    every: '1d',
    features: (f) => ({ note: f.last('note') }),
  })
  const twice = onDemand('twice', {
    of: [usage.pick('note')],
    request: request({ parity_w: z.number(), parity_served_0: z.number() }),
    version: '1',
    output: { sum: z.number() },
    compute: ({ request: { parity_w: one, parity_served_0: other } }) => ({ sum: one + other }),
  })
  const service = featureService('own', [usage, twice])
  const line = (key: string, note: string) => ({
    keys: { parity_at: key },
    values: { usage__note: note, twice__sum: 3 },
    request: { parity_w: 1, parity_served_0: 2 },
    definitions: { usage: 'f'.repeat(16) },
  })
  const features = await compared(warehouse, service, [line('a', 'x'), line('b', 'other')])
  expect(features.map(({ feature, equal, compared: n }) => [feature, equal, n])).toEqual([
    ['usage__note', 1, 2],
    ['twice__sum', 2, 2],
  ])
  expect(features[0]?.examples).toMatchObject([{ keys: { parity_at: 'b' }, logged: 'other', recomputed: 'y' }])
})

test('a feature that the service has no more is listed, if it was logged with a value', async () => {
  await using warehouse = await openTestWarehouse()
  await notesTable(warehouse, 'customer_id', { a: 'x' })
  const keys = { customer_id: 'a' }
  const lines = [
    { keys, values: { usage__note: 'x', usage__former: 1, usage__none: null }, prediction: { first: [1, 2] } },
    { keys, service: 'another', values: { usage__note: 'x', usage__theirs: 1 } },
  ]
  const found = await comparison(warehouse, featureService('fewer', [usage]), lines)
  expect(found).toMatchObject({
    rows: 1,
    skipped: 1,
    features: [{ feature: 'usage__note', equal: 1 }],
    notCompared: [{ feature: 'usage__former', why: 'the service does not have it any more' }],
  })
  expect(found?.notCompared).toHaveLength(1)
})

test('of long texts the beginning is shown', async () => {
  await using warehouse = await openTestWarehouse()
  const text = 'x'.repeat(100_000)
  await notesTable(warehouse, 'customer_id', { a: `${text}a`, b: 'short' })
  const lines = ['a', 'b'].map((key) => ({
    keys: { customer_id: key },
    values: { usage__note: key === 'a' ? `${text}b` : 'other' },
  }))
  const [feature] = await compared(warehouse, featureService('long', [usage]), lines)
  expect(feature).toMatchObject({ equal: 0, compared: 2 })
  const start = `${'x'.repeat(200)}…`
  expect(feature?.examples).toMatchObject([
    { logged: start, recomputed: start },
    { logged: 'other', recomputed: 'short' },
  ])
})

test('a line that says nothing of feature times is no evidence of a store that is behind', async () => {
  await using warehouse = await openTestWarehouse()
  const definition = usageOf(false).plan.hash.slice(0, 16)
  const [at, time] = [START + 2 * DAY + DELAY, START + 2 * DAY]
  const row = { kwh: 1, readings: 1, kind: 'k' }
  const facts = ['a', 'b', 'c'].map((name) => ({ customer: name, at: time - HOUR, kwh: 1, kind: 'k', early: true }))
  const served = { at, time: null, withheld: false, definition }
  const mart = {
    facts,
    runs: [{ id: 'late', from: time, to: time + DAY, ended: at + HOUR }],
    stored: facts.map(({ customer }) => ({ ...row, customer, time, run: 'late' })),
    served: [
      { ...served, ...row, customer: 'a', time },
      { ...served, ...NO_ROW, customer: 'b' },
      { ...served, ...NO_ROW, customer: 'c' },
    ],
    ttl: false,
  }
  const { catalog, service } = await landed(warehouse, mart, 'old')
  await warehouse.run(
    sql`UPDATE monitoring.predictions_old SET served__usage__definition = NULL WHERE customer_id = 'c'`,
  )
  const result = await runParity({ warehouse, catalog, model: 'old', services: [service], windows })
  const [feature] = result.windows[0]?.parity?.features ?? []
  expect(feature).toMatchObject({ compared: 3, equal: 1, reasons: { 'store behind': 1, unknown: 1 } })
})

test('a function is not blamed where a version was not logged with what the function reads', async () => {
  await using warehouse = await openTestWarehouse()
  await notesTable(warehouse, 'customer_id', { a: 'x', b: 'x' })
  const size = onDemand('size', {
    of: [usage.pick('note')],
    request: request({ unit: z.number() }),
    version: '1',
    output: { letters: z.number() },
    compute: ({ features: { usage__note: note } }) => ({ letters: String(note).length }),
  })
  const [feature] = await compared(warehouse, featureService('sizes', [usage, size]), [
    { keys: { customer_id: 'a' }, version: 1, values: { usage__note: 'x', size__letters: 2 }, request: { unit: 1 } },
    { keys: { customer_id: 'b' }, version: 2, values: { size__letters: 2 }, request: { unit: 1 } },
  ])
  expect(feature).toMatchObject({ feature: 'size__letters', compared: 2, reasons: { function: 1, unknown: 1 } })
})

test('a key or value of a request that has another type now is no error for all', async () => {
  await using warehouse = await openTestWarehouse()
  await notesTable(
    warehouse,
    'customer_id',
    new Map([
      [1n, 'x'],
      [2n, 'x'],
    ]),
  )
  const customer = entity('customer', { customer_id: z.int() })
  const notes = fact('mart.notes', {
    columns: { customer_id: z.int(), ts: z.date(), note: z.string() },
    entities: [customer],
    eventTime: 'ts',
  })
  const usage = featureView('usage', {
    of: customer,
    from: notes,
    every: '1d',
    features: (f) => ({ note: f.last('note') }),
  })
  const twice = onDemand('twice', {
    of: [usage.pick('note')],
    request: request({ unit: z.number() }),
    version: '1',
    output: { sum: z.number() },
    compute: ({ request: { unit } }) => ({ sum: 2 * unit }),
  })
  const line = (key: unknown, unit: unknown) => ({
    keys: { customer_id: key },
    values: { usage__note: 'x', twice__sum: 2 },
    request: { unit },
  })
  const result = await comparison(warehouse, featureService('typed', [usage, twice]), [
    line('anna', 'one'),
    line('1', '1'),
    line('2', 'two'),
    line('12345678901234567890', 'two'),
  ])
  expect(result).toMatchObject({
    rows: 2,
    skipped: 2,
    features: [{ feature: 'usage__note', compared: 2, equal: 2 }],
    notCompared: [{ feature: 'twice__sum' }],
  })
})
