import { rejected, type ReadChange } from './change.ts'
import type { ChangePlan } from './change-plan.ts'
import { envelopeReader, type Arrival } from './envelope.ts'
import { flattenedReader } from './flattened.ts'
import { readMessage, utf8Text, type ChangeMessage } from './message.ts'

export type { Arrival } from './envelope.ts'

/** Reads the messages of one source: compiled once, then called for each. */
export type ChangeReader = (message: string | Uint8Array, arrival: Arrival, key?: string) => ReadChange

/**
 * Compiles the reading of a connector's messages: each is one change or two, something else of the log, or rejected with
 * every reason. It never throws.
 *
 * @example
 * const read = changeReader({ name: 'customers', key: ['id'], columns, format })
 * read('{"op":"d","before":{"id":1},"source":{…}}', { position: 1n, at: 1_700_000_000_000_000n })
 */
export function changeReader(plan: ChangePlan): ChangeReader {
  const { flattened } = plan.format
  const read = flattened === null ? envelopeReader(plan) : flattenedReader(plan, flattened)
  return (given, arrival, key) => {
    const text = typeof given === 'string' ? given : utf8Text(given)
    if (text === undefined) return rejected('', 'it is not UTF-8')
    let message: ChangeMessage
    try {
      message = readMessage(text, key)
    } catch (error) {
      return rejected('', `it is not JSON: ${error instanceof Error ? error.message : String(error)}`)
    }
    return read(message, arrival)
  }
}
