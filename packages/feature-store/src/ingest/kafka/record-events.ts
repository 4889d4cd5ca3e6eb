import { hash } from 'node:crypto'
import type { EventStore } from '../../online/events/event-store.ts'
import type { IngestPlan } from '../../plan/ingest-plan.ts'
import { formatOf } from '../formats/list.ts'
import { openIntake } from '../intake.ts'
import { messageText } from '../change/message.ts'
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
  const more = Object.fromEntries(headers.map(([name, text]) => [name, textOf(text) ?? '']))
  return Buffer.from(messageText(jsonOf(textOf(key)), textOf(value), more))
}

/** A key as JSON; some converters write it as bare text. */
function jsonOf(text: string | null): string | null {
  if (text === null) return null
  try {
    JSON.parse(text)
    return text
  } catch {
    return JSON.stringify(text)
  }
}

function textOf(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()
}
