import { ByteWriter } from '../online/byte-writer.ts'
import type { TailWrite } from '../online/events/event-store.ts'
import { keyCodec } from '../online/key-codec.ts'
import type { KeyValue } from '../online/key-value.ts'
import type { SourceColumn } from '../plan/source-plan.ts'
import { storedOf, type Value } from '../vocabulary/algebra/value.ts'
import { eventInputs } from './event-inputs.ts'
import type { StateLayout } from './layout.ts'
import { writeTailEvent } from './tail-value.ts'

/** An event of a source as values of its columns, as `TypedEvent` of ingest is. */
export interface TypedValues {
  readonly values: readonly Value[]
  /** When it happened, µs since the epoch. */
  readonly time: bigint
}

/**
 * Compiles what continuous views keep of the events of a source: for each event what goes into tails. An event without a key, or
 * one that never becomes known, is in none.
 *
 * @throws MartletError INVALID_DEFINITION when a view needs more than the event itself
 */
export function tailWriter(
  layouts: readonly StateLayout[],
  columns: readonly Pick<SourceColumn, 'name' | 'type'>[],
): (events: readonly TypedValues[]) => readonly (readonly TailWrite[])[] {
  const views = layouts.map((layout) => ({
    layout,
    table: layout.view.name,
    keys: layout.view.entity.keys,
    codec: keyCodec(layout.view.entity.keys),
    inputs: eventInputs(layout, columns),
  }))
  const out = new ByteWriter()
  return (events) =>
    events.map(({ values: given, time }) =>
      views.flatMap(({ layout, table, keys, codec, inputs }): readonly TailWrite[] => {
        const { keys: key, since, sequence, values } = inputs(given, time)
        if (since === null || key.includes(null)) return []
        out.length = 0
        writeTailEvent(layout, out, { time, since, sequence, values })
        const named = Object.fromEntries(keys.map(({ name, type }, at) => [name, keyValue(key[at] ?? null, type)]))
        return [{ table, key: codec.encode(named), time, value: Uint8Array.from(out.bytes.subarray(0, out.length)) }]
      }),
    )
}

/** A value as key codecs take it. */
function keyValue(value: Value, type: SourceColumn['type']): KeyValue {
  if (type === 'date' && typeof value === 'bigint') return new Date(Number(value / 1000n))
  return storedOf(value, type) ?? ''
}
