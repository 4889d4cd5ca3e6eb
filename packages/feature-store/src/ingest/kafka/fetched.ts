import type { Consumer } from '@platformatic/kafka'
import { committedBatches } from './aborted.ts'
import type { FetchedPartition, LogRecord, OutOfRange } from './log-client.ts'

export type FetchResponse = Awaited<ReturnType<Consumer['fetch']>>

/** The protocol's word for an offset that a partition does not have. */
const OFFSET_OUT_OF_RANGE = 1

/** What a broker answered for the partitions that were asked for, without what was aborted or came before. */
export function fetchedPartitions(
  response: FetchResponse,
  wanted: readonly (readonly [partition: number, offset: bigint])[],
): readonly (FetchedPartition | OutOfRange)[] {
  const from = new Map(wanted)
  const found: (FetchedPartition | OutOfRange)[] = []
  for (const answer of response.responses.flatMap(({ partitions }) => partitions)) {
    const partition = answer.partitionIndex
    const first = from.get(partition)
    if (first === undefined) continue
    if (answer.errorCode === OFFSET_OUT_OF_RANGE) {
      found.push({ partition, from: first, outOfRange: true })
      continue
    }
    if (answer.errorCode !== 0) continue
    const batches = answer.records ?? []
    const last = batches.at(-1)
    const records: LogRecord[] = []
    for (const batch of committedBatches(batches, answer.abortedTransactions ?? []))
      for (const { offsetDelta, key, value, headers } of batch.records) {
        const offset = batch.firstOffset + BigInt(offsetDelta)
        // A batch comes as a whole, also when only its end was asked for.
        if (offset < first) continue
        records.push({ partition, offset, key, value, headers: headers.map(([name, text]) => [String(name), text]) })
      }
    found.push({
      partition,
      from: first,
      records,
      next: last === undefined ? first : last.firstOffset + BigInt(last.lastOffsetDelta) + 1n,
      // What is not committed yet cannot be read, so nobody is late with it.
      end: answer.lastStableOffset >= 0n ? answer.lastStableOffset : answer.highWatermark,
    })
  }
  return found
}
