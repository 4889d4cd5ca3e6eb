// Events pushed over HTTP into LMDB, and drained into DuckDB, each beside the plain write of the same rows: puts of the same
// bytes into LMDB, an append of the same columns to DuckDB. The lag after a burst is the time of the drain.
// npx node --conditions=@martlet/source bench/ingest/run.ts [events] [events in one request] [requests at once]
// The client of the push is in the process of the server, so its processor time and memory are those of both.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { columnBatch, ensureTable, openDuckDb, rowsOf, sql } from '@martlet/warehouse'
import { decimal, drain, entity, fact, openLmdbStore, source } from '@martlet/feature-store'
import { fixedCatalog, listen, serving } from '@martlet/serving'
import { open } from 'lmdb'
import { z } from 'zod'
import { measure, runSideIfChild, type Clock, type Measurement } from '../measure/child.ts'
import { printRatio, printSides, printTable } from '../measure/report.ts'

const EVENTS = Number(process.argv[2] ?? 1_000_000)
const IN_REQUEST = Number(process.argv[3] ?? 500)
const AT_ONCE = Number(process.argv[4] ?? 8)
const BATCH = 20_000
const START = Date.parse('2026-11-30T00:00:00Z')

const paymentFact = fact('mart.payments', {
  columns: {
    payment_id: z.string(),
    account_id: z.string(),
    amount: decimal(18, 2),
    ts: z.date(),
    arrived_at: z.date(),
  },
  entities: [entity('account', { account_id: z.string() })],
  eventTime: 'ts',
  knownAt: 'arrived_at',
})
const payments = source('payments', { into: paymentFact, id: ['payment_id'], arrived: 'arrived_at' })

/** The parts of an event, the same in every side. */
const partsOf = (index: number) => ({
  payment_id: `payment-${String(index).padStart(12, '0')}`,
  account_id: `account-${(index * 7919) % 10_000}`,
  amount: `${(index * 31) % 100_000}.${String(index % 100).padStart(2, '0')}`,
  ts: new Date(START + index),
})
const lineOf = (index: number): string => JSON.stringify(partsOf(index))
const indexes = (from: number, count: number): number[] =>
  Array.from({ length: Math.max(0, Math.min(count, EVENTS - from)) }, (_, step) => from + step)

async function push(folder: string, clock: Clock): Promise<void> {
  const online = openLmdbStore({ path: join(folder, 'online') })
  const app = serving({
    catalog: fixedCatalog({ services: [] }),
    online,
    sources: [payments],
    auth: 'none',
    limits: { deadlineMs: 60_000 },
  })
  const listening = await listen(app, { port: 0 })
  let next = 0
  const client = async (): Promise<void> => {
    while (next < EVENTS) {
      const from = next
      next += IN_REQUEST
      const response = await fetch(`${listening.url}/v1/push/payments`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-ndjson' },
        body: indexes(from, IN_REQUEST).map(lineOf).join('\n'),
      })
      if (!response.ok) throw new Error(await response.text())
      await response.arrayBuffer()
    }
  }
  await clock.time('push', () => Promise.all(Array.from({ length: AT_ONCE }, client)))
  const position = await online.events?.newest('payments')
  if (position !== BigInt(EVENTS)) throw new Error(`${position} of ${EVENTS} events are in the journal.`)
  await listening.close()
  await app.close()
  await online.close()
}

async function put(folder: string, clock: Clock): Promise<void> {
  const root = open<Uint8Array, string>({ path: join(folder, 'plain'), encoding: 'binary', overlappingSync: false })
  let next = 0
  const writer = async (): Promise<void> => {
    while (next < EVENTS) {
      const from = next
      next += IN_REQUEST
      await root.transaction(() => {
        for (const index of indexes(from, IN_REQUEST)) void root.put(`payment-${index}`, Buffer.from(lineOf(index)))
      })
    }
  }
  await clock.time('put', () => Promise.all(Array.from({ length: AT_ONCE }, writer)))
  await root.close()
}

async function drained(folder: string, clock: Clock): Promise<void> {
  const store = openLmdbStore({ path: join(folder, 'online') })
  await using warehouse = await openDuckDb({ path: join(folder, 'drained.duckdb') })
  const { events } = store
  if (events === undefined) throw new Error('The store takes no events.')
  await clock.time('drain', () => drain({ warehouse, source: payments.plan, events, batch: BATCH }))
  const [row] = rowsOf(await warehouse.read(sql`SELECT COUNT(*) AS rows FROM mart.payments`))
  if (row?.['rows'] !== EVENTS) throw new Error(`${String(row?.['rows'])} of ${EVENTS} rows are in the table.`)
  await store.close()
}

async function append(folder: string, clock: Clock): Promise<void> {
  await using warehouse = await openDuckDb({ path: join(folder, 'plain.duckdb') })
  await ensureTable(warehouse, { table: 'mart.payments', columns: paymentFact.plan.columns })
  await clock.time('append', async () => {
    for (let from = 0; from < EVENTS; from += BATCH) {
      const rows = indexes(from, BATCH).map(partsOf)
      await warehouse.append(
        'mart.payments',
        columnBatch({
          payment_id: { type: 'text', values: rows.map((row) => row.payment_id) },
          account_id: { type: 'text', values: rows.map((row) => row.account_id) },
          amount: { type: { decimal: [18, 2] }, values: rows.map((row) => row.amount) },
          ts: { type: 'timestamp', values: rows.map((row) => row.ts) },
          arrived_at: { type: 'timestamp', values: rows.map((row) => row.ts) },
        }),
      )
    }
  })
}

await runSideIfChild({ push, put, drain: drained, append })

const folder = await mkdtemp(join(tmpdir(), 'martlet-bench-ingest-'))
try {
  const sides = new Map<string, readonly Measurement[]>()
  // The drain reads what the push has left in the journal.
  for (const side of ['push', 'put', 'drain', 'append'])
    sides.set(side, [await measure(import.meta.filename, side, folder)])
  console.log(`${EVENTS} events, ${IN_REQUEST} in a request, ${AT_ONCE} requests at once, ${BATCH} in a transaction\n`)
  printSides(sides)
  printTable(
    ['what', 'events/s'],
    [...sides].map(([side, [run]]) => [side, String(Math.round(EVENTS / (run?.seconds ?? Number.NaN)))]),
  )
  printRatio(sides, 'push over HTTP / put into LMDB', 'push', 'put')
  printRatio(sides, 'drain into DuckDB / append', 'drain', 'append')
} finally {
  await rm(folder, { recursive: true, force: true })
}
