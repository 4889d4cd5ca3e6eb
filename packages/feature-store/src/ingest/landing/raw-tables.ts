import { columnBatch, ensureTable, type ColumnBatch, type ColumnSpec, type Warehouse } from '@martlet/warehouse'
import type { IngestPlan } from '../../plan/ingest-plan.ts'
import { eventText } from './event-text.ts'
import type { LandingEvent, RejectedEvent } from './landing.ts'

/** The schema of everything that is kept as it came. */
export const RAW_SCHEMA = 'raw'

/** Where the events of a source are kept as they came. */
export function rawTable({ name }: Pick<IngestPlan, 'name'>): string {
  return `${RAW_SCHEMA}.${name}`
}

/** Where the events of a source are that are not valid, with the reasons. */
export function rejectedTable({ name }: Pick<IngestPlan, 'name'>): string {
  return `${RAW_SCHEMA}.${name}_rejected`
}

export const rawColumns: readonly ColumnSpec[] = [
  { name: '_position', type: 'bigint', nullable: false },
  { name: '_arrived_at', type: 'timestamp', nullable: false },
  { name: '_id', type: 'text', nullable: false },
  { name: '_origin', type: 'text', nullable: false },
  { name: '_event', type: 'text', nullable: false },
]

export const rejectedColumns: readonly ColumnSpec[] = [
  ...rawColumns,
  { name: '_reason', type: 'text', nullable: false },
  { name: '_place', type: 'text', nullable: false },
]

/** Makes the two raw tables of a source, unless they are there. */
export async function ensureRawTables(warehouse: Warehouse, plan: IngestPlan): Promise<void> {
  await ensureTable(warehouse, { table: rawTable(plan), columns: rawColumns })
  await ensureTable(warehouse, { table: rejectedTable(plan), columns: rejectedColumns })
}

export function rawBatch(events: readonly LandingEvent[]): ColumnBatch {
  return columnBatch(rawInputs(events))
}

export function rejectedBatch(events: readonly RejectedEvent[]): ColumnBatch {
  return columnBatch({
    ...rawInputs(events),
    _reason: { type: 'text', values: events.map(({ rejected }) => rejected.map(({ message }) => message).join('; ')) },
    _place: { type: 'text', values: events.map(({ rejected }) => rejected.map(({ path }) => path).join(', ')) },
  })
}

function rawInputs(events: readonly LandingEvent[]) {
  return {
    _position: { type: 'bigint', values: events.map(({ position }) => position) },
    _arrived_at: { type: 'timestamp', values: events.map(({ arrived }) => arrived) },
    _id: { type: 'text', values: events.map(({ id }) => id) },
    _origin: { type: 'text', values: events.map(({ origin }) => origin) },
    _event: { type: 'text', values: events.map(({ body }) => eventText(body)) },
  } as const
}
