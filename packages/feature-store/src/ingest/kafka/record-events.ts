import { hash } from 'node:crypto'
import type { EventStore } from '../../online/events/event-store.ts'
import type { IngestPlan } from '../../plan/ingest-plan.ts'
import { formatOf } from '../formats/list.ts'
import { openIntake } from '../intake.ts'
import { messageBytes } from '../change/message.ts'
import type { TailWriter } from '../tail-writer.ts'
import type { LogRecord } from './log-client.ts'
import { originName } from './positions.ts'
import type { EventsOfRecords } from './topic-reader.ts'

const NOTHING = new Uint8Array()

/**
 * Compiles the making of a source's events out of records: those that are valid with what continuous views keep of them, the
 * others with the reasons. What is not valid has an id of its place in the topic, so that each one is kept.
 */
export function recordEvents(
  plan: IngestPlan,
  topic: string,
  store: EventStore,
  tails?: () => TailWriter | undefined,
): EventsOfRecords {
  const intake = openIntake(plan, store, tails)
  const bodyOf = formatOf(plan)?.withKey === true ? wholeMessage : ({ value }: LogRecord) => value ?? NOTHING
  return (records, arrived) => {
    const origins = records.map(({ partition, offset }) => `${originName(topic, partition)}@${offset}`)
    const incoming = records.map((record) => ({ body: bodyOf(record) }))
    return intake
      .read(incoming, { arrived, origin: (index) => origins[index] ?? '' })
      .map((event) =>
        event.rejected === undefined
          ? event
          : { ...event, id: Buffer.from(`rejected:${hash('sha256', event.origin, 'hex')}`) },
      )
  }
}

/** Key, value and headers in one line, for formats in which a value says little without them. */
function wholeMessage({ key, value, headers }: LogRecord): Uint8Array {
  const more = headers.map(([name, bytes]) => [name, bytes === null ? '' : Buffer.from(bytes).toString()] as const)
  return messageBytes(key, value, Object.fromEntries(more))
}
