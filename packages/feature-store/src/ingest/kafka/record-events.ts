import { hash } from 'node:crypto'
import type { IngestPlan } from '../../plan/ingest-plan.ts'
import type { TypedEvent } from '../event-reader.ts'
import { eventReader } from '../read-events.ts'
import type { TailWriter } from '../tail-writer.ts'
import type { LogRecord } from './log-client.ts'
import { originName } from './positions.ts'
import type { EventsOfRecords } from './topic-reader.ts'

const NOTHING = new Uint8Array()

/**
 * Compiles the making of a source's events out of records: those that are valid with what continuous views keep of them, the
 * others with the reasons. What is not valid has an id of its place in the topic, so that each one is kept.
 */
export function recordEvents(plan: IngestPlan, topic: string, tails?: TailWriter): EventsOfRecords {
  const reader = eventReader(plan)
  return (records, arrived) => {
    const read = records.map((record) => {
      const { key, value } = record
      const incoming = { body: value ?? NOTHING, ...(key === null ? {} : { key }) }
      return { record, body: incoming.body, result: reader.read(incoming, arrived) }
    })
    const valid = read.flatMap(({ result }): TypedEvent[] => (result.event === undefined ? [] : [result.event]))
    const written = (tails?.(valid) ?? [])[Symbol.iterator]()
    return read.map(({ record, body, result }) => {
      const origin = originOf(topic, record)
      if (result.event === undefined) {
        const rejected = JSON.stringify(result.reasons)
        return {
          id: Buffer.from(`rejected:${hash('sha256', origin, 'hex')}`),
          body,
          arrived,
          origin,
          rejected,
          tails: [],
        }
      }
      return { id: Buffer.from(result.id), body, arrived, origin, tails: written.next().value ?? [] }
    })
  }
}

/** Where a record stands: topic, partition and offset. */
function originOf(topic: string, { partition, offset }: LogRecord): string {
  return `${originName(topic, partition)}@${offset}`
}
