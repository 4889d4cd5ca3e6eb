import { MartletError, sql, tableRef, type Warehouse } from '@martlet/warehouse'
import type { IngestPlan } from '../plan/ingest-plan.ts'
import { eventBytes } from './landing/event-text.ts'
import type { LandingEvent } from './landing/landing.ts'
import { landingOf } from './landing/landing-of.ts'
import { advance, ensureLedger, progressOf, type SourceProgress } from './landing/ledger.ts'
import { ensureRawTables, rawTable } from './landing/raw-tables.ts'

/** Others that land events meanwhile are waited for so often. */
const ATTEMPTS = 5

export interface ReplayOptions {
  readonly warehouse: Warehouse
  readonly source: IngestPlan
  /** Called with the number of events that were read. */
  readonly onProgress?: (events: number) => void
}

export interface ReplayReport {
  readonly source: string
  /** Events of `raw.<source>`. */
  readonly events: number
  /** Rows that were made of them. */
  readonly rows: number
  /** Events that are in the quarantine now. */
  readonly rejected: number
}

/**
 * Makes the rows of a source and its quarantine again from `raw.<source>`, with the definition of today. Rows of the table
 * whose ids no event has stay. With the same definition it gives the same tables.
 *
 * @throws MartletError INGEST_OVERTAKEN when others land events of the source all the time
 * @throws MartletError INGEST_TABLE_MISMATCH when the source's table lacks columns
 * @example await replay({ warehouse, source: payments.plan })
 */
export async function replay({ warehouse, source, onProgress }: ReplayOptions): Promise<ReplayReport> {
  const landing = landingOf(source)
  return warehouse.session(async (session) => {
    await ensureRawTables(session, source)
    await ensureLedger(session, source.name)
    for (let attempt = 1; ; attempt++) {
      await landing.prepare(session)
      const from = await progressOf(session, source.name)
      if (from === undefined) return { source: source.name, events: 0, rows: 0, rejected: 0 }
      let events = 0
      try {
        const made = await landing.replay(session, {
          async *batches() {
            events = 0
            for await (const batch of rawEvents(warehouse, source, from)) {
              yield batch
              events += batch.length
              onProgress?.(events)
            }
          },
          commit: (work) =>
            session.transaction(async (transaction) => {
              await advance(transaction, { from, events: 0, at: from.landedAt })
              await work(transaction)
            }),
        })
        return { source: source.name, events, ...made }
      } catch (error) {
        const overtaken = error instanceof MartletError && error.code === 'INGEST_OVERTAKEN'
        if (!overtaken || attempt === ATTEMPTS) throw error
      }
    }
  })
}

async function* rawEvents(
  warehouse: Warehouse,
  source: IngestPlan,
  { landed }: SourceProgress,
): AsyncGenerator<readonly LandingEvent[]> {
  const { epochMicros } = warehouse.leaves
  const query = sql`
    SELECT _position, ${epochMicros(sql`_arrived_at`)} AS arrived, _id, _origin, _event
    FROM ${tableRef(rawTable(source))} WHERE _position <= ${landed} ORDER BY _position
  `
  for await (const { rows, columns } of warehouse.stream(query)) {
    const [positions, arrivals, ids, origins, bodies] = columns
    yield Array.from({ length: rows }, (_, row): LandingEvent => {
      const id = String(ids?.values[row])
      return {
        position: BigInt(positions?.values[row] ?? 0),
        arrived: BigInt(arrivals?.values[row] ?? 0),
        id,
        origin: String(origins?.values[row]),
        body: eventBytes(String(bodies?.values[row])),
      }
    })
  }
}
