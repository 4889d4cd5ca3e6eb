import { entity, fact, featureService, featureView, source } from '@martlet/feature-store'
import { columnBatch, ensureSchema, ensureTable, type Warehouse } from '@martlet/warehouse'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { openTestWarehouse, runsOf } from '../../../warehouse/test/support/engine.ts'
import { loadPredictions, runParity } from '../../src/index.ts'
import { logFolder, logLine } from '../predictions/log-folder.ts'
import { uniform } from '../random.ts'

const account = entity('account', { account_id: z.string() })
const payments = fact('mart.payments', {
  columns: { payment_id: z.string(), account_id: z.string(), at: z.date(), came: z.date().nullable() },
  entities: [account],
  eventTime: 'at',
})
const live = featureView('live', {
  of: account,
  from: payments,
  every: 'continuous',
  features: (f) => ({ n: f.count().lifetime() }),
})
const service = featureService('live', [live])
/** The arrival stands in the raw rows only, by the id of the event. */
const pushed = source('payments', { into: payments, id: ['payment_id'] })
/** The arrival stands in a column of the fact, too. */
const stamped = source('stamped', { into: payments, id: ['payment_id'], arrived: 'came' })

const START = Date.UTC(2026, 0, 1)
const HOUR = 3_600_000
const windows = [{ from: new Date(START), to: new Date(START + 200 * HOUR) }]

interface Event {
  readonly id: string
  readonly account: string
  readonly at: number
  /** Null: it came by another way than the source. */
  readonly came: number | null
}

interface Served {
  readonly account: string
  readonly at: number
  /** The newest event that the store had. */
  readonly newest: number | null
  readonly n: number | null
}

interface Mart {
  readonly events: readonly Event[]
  readonly served: readonly Served[]
}

/** Events that came at once, late, or nobody knows when; and stores that had them, lacked the newest, or miscounted. */
function randomMart(next: () => number): Mart {
  const accounts = Array.from({ length: 30 }, (_, i) => `a${i}`)
  const events = accounts.flatMap((name) =>
    Array.from({ length: Math.floor(next() * 6) }, (_, i): Event => {
      const at = START + Math.floor(next() * 100 * HOUR)
      const kind = next()
      const came = kind < 0.15 ? null : kind < 0.4 ? at + Math.floor(next() * 50 * HOUR) : at + 1000
      return { id: `${name}-${i}`, account: name, at, came }
    }),
  )
  const served = accounts.flatMap((name) =>
    Array.from({ length: 4 }, (): Served => {
      const at = START + Math.floor((10 + next() * 100) * HOUR)
      const had = events
        .filter((one) => one.account === name && one.at < at && (one.came ?? 0) <= at && next() < 0.9)
        .map((one) => one.at)
      if (had.length === 0) return { account: name, at, newest: null, n: null }
      return { account: name, at, newest: Math.max(...had), n: had.length + (next() < 0.1 ? 1 : 0) }
    }),
  )
  return { events, served }
}

/** Why a value differs; undefined where it is equal. */
function reasonOf({ events }: Mart, { account: name, at, newest, n }: Served): string | undefined {
  const counted = events.filter((one) => one.account === name && one.at < at)
  if ((counted.length === 0 ? null : counted.length) === n) return undefined
  const due = counted.toSorted((a, b) => b.at - a.at)[0]
  if (due === undefined) return 'unknown'
  if (newest === due.at) return counted.some(({ came }) => came !== null && came > at) ? 'late facts' : 'unknown'
  return due.came === null ? 'unknown' : due.came > at ? 'late facts' : 'store behind'
}

async function land(warehouse: Warehouse, { events, served }: Mart): Promise<void> {
  const text = (values: readonly string[]) => ({ type: 'text' as const, values })
  const instants = (values: readonly (number | null)[]) => ({
    type: 'timestamp' as const,
    values: values.map((at) => (at === null ? null : BigInt(at) * 1000n)),
  })
  const came = events.filter((one) => one.came !== null)
  const tables = {
    'mart.payments': columnBatch({
      payment_id: text(events.map(({ id }) => id)),
      account_id: text(events.map((one) => one.account)),
      at: instants(events.map(({ at }) => at)),
      came: instants(events.map((one) => one.came)),
    }),
    'raw.payments': columnBatch({
      _id: text(came.map(({ id }) => id)),
      _arrived_at: instants(came.map((one) => one.came)),
    }),
  }
  for (const schema of ['mart', 'raw']) await ensureSchema(warehouse, schema)
  for (const [table, batch] of Object.entries(tables)) {
    const columns = batch.names.map((name, i) => ({ name, type: batch.columns[i]?.type ?? 'text' }))
    await ensureTable(warehouse, { table, columns })
    await warehouse.append(table, batch)
  }
  const lines = served.map(({ account: name, at, newest, n }, i) =>
    logLine({
      requestId: `r-${i}`,
      time: new Date(at).toISOString(),
      service: 'live',
      keys: { account_id: name },
      values: { live__n: n },
      times: { live: newest === null ? null : { time: new Date(newest).toISOString(), ageSeconds: 1 } },
      definitions: { live: live.plan.hash.slice(0, 16) },
    }),
  )
  const folder = await logFolder({ 'a.jsonl': lines })
  await loadPredictions({ warehouse, folder, model: 'live', columns: [{ name: 'live__n', type: 'bigint' }] })
}

test('arrivals say which events of a continuous view came after a prediction, as a slow twin finds', async () => {
  const seen = new Set<string>()
  for (let seed = 1; seed <= runsOf(3); seed++) {
    const mart = randomMart(uniform(seed))
    await using warehouse = await openTestWarehouse()
    await land(warehouse, mart)
    const reasons: Record<string, number> = {}
    for (const one of mart.served) {
      const reason = reasonOf(mart, one)
      if (reason === undefined) continue
      reasons[reason] = (reasons[reason] ?? 0) + 1
      seen.add(reason)
    }
    const differ = Object.values(reasons).reduce((sum, n) => sum + n, 0)
    const found = async (sources: Parameters<typeof runParity>[0]['sources'] = []) => {
      const result = await runParity({ warehouse, model: 'live', services: [service], sources, windows, record: false })
      const [feature] = result.windows[0]?.parity?.features ?? []
      return { differ: (feature?.compared ?? 0) - (feature?.equal ?? 0), reasons: feature?.reasons }
    }
    expect(await found([pushed]), `seed ${seed}`).toEqual({ differ, reasons })
    expect(await found([stamped]), `seed ${seed}`).toEqual({ differ, reasons })
    expect(await found()).toEqual({ differ, reasons: { unknown: differ } })
  }
  expect([...seen].toSorted()).toEqual(['late facts', 'store behind', 'unknown'])
})
