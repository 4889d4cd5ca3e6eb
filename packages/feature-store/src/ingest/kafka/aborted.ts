/** What a batch of records says of transactions, as the protocol has it. */
export interface RecordBatch {
  readonly producerId: bigint
  readonly firstOffset: bigint
  readonly attributes: number
  readonly records: readonly { readonly key: Uint8Array | null }[]
}

export interface AbortedTransaction {
  readonly producerId: bigint
  readonly firstOffset: bigint
}

const TRANSACTIONAL = 0b01_0000
const CONTROL = 0b10_0000

/**
 * The batches whose records were committed, without control batches. A transaction that was aborted runs from its first
 * offset to the producer's next marker, which may come in a later answer: a broker names the transaction again there.
 */
export function committedBatches<B extends RecordBatch>(
  batches: readonly B[],
  aborted: readonly AbortedTransaction[],
): readonly B[] {
  const waiting = [...aborted].sort((a, b) => Number(a.firstOffset - b.firstOffset))
  const open = new Set<bigint>()
  let next = 0
  return batches.filter((batch) => {
    for (; next < waiting.length; next++) {
      const transaction = waiting[next]
      if (transaction === undefined || transaction.firstOffset > batch.firstOffset) break
      open.add(transaction.producerId)
    }
    if ((batch.attributes & CONTROL) !== 0) {
      if (isAbortMarker(batch)) open.delete(batch.producerId)
      return false
    }
    return (batch.attributes & TRANSACTIONAL) === 0 || !open.has(batch.producerId)
  })
}

/** A marker's key is its version and its type, 16 bits each: 0 aborts, 1 commits. */
function isAbortMarker({ records }: RecordBatch): boolean {
  const key = records[0]?.key
  return key !== null && key !== undefined && key.length >= 4 && ((key[2] ?? 0) << 8) + (key[3] ?? 0) === 0
}
