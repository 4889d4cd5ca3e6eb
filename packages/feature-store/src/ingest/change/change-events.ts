import { hash, randomUUID } from 'node:crypto'
import type { IngestPlan } from '../../plan/ingest-plan.ts'
import type { Value } from '../../vocabulary/algebra/value.ts'
import { eventId, rejectedId } from '../event-id.ts'
import type { EventReader, ReadEvent, TypedEvent } from '../event-reader.ts'
import type { DebeziumFormat } from '../formats/debezium.ts'
import type { Change } from './change.ts'
import { changePlanOf } from './change-tables-of.ts'
import { messageBytes } from './message.ts'
import { changeReader } from './read-changes.ts'

/**
 * Reads messages as events come in: which change each of them is, and whether it can be used. Rows that a fact gets by an
 * insert are events of it; what is changed or deleted later is known to the warehouse alone.
 */
export function changeEventReader(plan: IngestPlan<DebeziumFormat>): EventReader {
  const changes = changePlanOf(plan)
  const read = changeReader(changes)
  const types = plan.id.map((name) => plan.into.columns.find((column) => column.name === name)?.type ?? 'text')
  const places = plan.into.columns.map(({ name }) => changes.columns.findIndex((column) => column.name === name))
  const time = plan.into.kind === 'fact' ? plan.into.columns.findIndex(({ name }) => name === eventTime(plan)) : -1
  const typed = ({ at, values = [] }: Change): TypedEvent => {
    const row = plan.into.columns.map(({ name }, index): Value => {
      if (name === plan.format.committed) return at
      return values[places[index] ?? -1] ?? null
    })
    const happened = row[time]
    return { values: row, time: typeof happened === 'bigint' ? happened : at }
  }
  return {
    read(event, arrived) {
      // A key says which row a deletion is of, so that it is kept with the message.
      const body = event.key === undefined ? event.body : messageBytes(event.key, event.body)
      const message = read(body, { position: 0n, at: arrived })
      if (message.kind === 'rejected') return { id: rejectedId(body), body, reasons: message.faults }
      // What came twice cannot be told from what happened twice when arrival is all that orders it.
      if (plan.format.position === 'arrival')
        return { id: randomUUID(), body, ...rowOf(message.kind === 'changes' ? message.changes : []) }
      if (message.kind === 'skipped') return { id: `${message.why}:${hash('sha256', body, 'hex')}`, body }
      const [first] = message.changes
      const id = eventId([first?.order ?? '', first?.op ?? '', ...(first?.key ?? [])], ['text', 'text', ...types])
      return { id, body, ...rowOf(message.changes) }
    },
  }

  function rowOf(of: readonly Change[]): Pick<ReadEvent, 'event'> & { readonly reasons?: undefined } {
    const [only, ...more] = of
    const isNew = plan.into.kind === 'fact' && more.length === 0 && (only?.op === 'c' || only?.op === 'r')
    return only !== undefined && isNew ? { event: typed(only) } : {}
  }
}

function eventTime({ into }: IngestPlan): string | undefined {
  return into.kind === 'fact' ? into.eventTime : undefined
}
