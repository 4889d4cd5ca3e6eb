import { MartletError } from '@martlet/warehouse'
import { ByteWriter } from '../online/byte-writer.ts'
import type { FoldTail } from '../online/events/event-store.ts'
import type { StateLayout } from './layout.ts'
import { isOf, KIND_EVENT, KIND_SUMMARY, Summary, type Border } from './summary.ts'
import { readTailEvent } from './tail-value.ts'

/**
 * Folds the tails of a view: events up to `border` into tiles, later ones as they are. What is folded can be read
 * at any instant from the border on.
 *
 * The function throws ONLINE_SCHEMA_MISMATCH for parts that another definition of the view left.
 */
export function foldTails(layout: StateLayout, border: Border): FoldTail {
  const out = new ByteWriter()
  return (_, __, parts) => {
    const summary = new Summary(layout, border)
    for (const { value } of parts) {
      if (isOf(layout, value, KIND_EVENT)) summary.add(readTailEvent(layout, value))
      else if (isOf(layout, value, KIND_SUMMARY)) summary.addSummary(value)
      else throw otherDefinition(layout)
    }
    out.length = 0
    summary.write(out)
    return Uint8Array.from(out.bytes.subarray(0, out.length))
  }
}

export function otherDefinition({ view }: Pick<StateLayout, 'view'>): MartletError {
  return new MartletError(
    'ONLINE_SCHEMA_MISMATCH',
    `The online table ${view.name} has events or tiles of another definition of the view. Materialize ${view.name} again.`,
    { data: { view: view.name } },
  )
}
