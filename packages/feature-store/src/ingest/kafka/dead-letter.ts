import type { LogRecord, OutgoingRecord } from './log-client.ts'
import { originName } from './positions.ts'

/** A record that is not valid, as it is sent on: the same key, value and headers, and why it was rejected. */
export function deadLetter(source: string, topic: string, record: LogRecord, reason: string): OutgoingRecord {
  const added: readonly (readonly [string, string])[] = [
    ['martlet.source', source],
    ['martlet.origin', originName(topic, record.partition)],
    ['martlet.offset', String(record.offset)],
    ['martlet.reason', reason],
  ]
  const headers = [...record.headers, ...added.map(([name, text]) => [name, Buffer.from(text)] as const)]
  return { key: record.key, value: record.value, headers }
}
