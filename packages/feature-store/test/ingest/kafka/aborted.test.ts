import { describe, expect, it } from 'vitest'
import { committedBatches, type RecordBatch } from '../../../src/ingest/kafka/aborted.ts'

const marker = (producer: bigint, offset: bigint, type: 0 | 1): RecordBatch => ({
  producerId: producer,
  firstOffset: offset,
  attributes: 0b11_0000,
  records: [{ key: Buffer.from([0, 0, 0, type]) }],
})
const batch = (producer: bigint, offset: bigint, attributes = 0b1_0000): RecordBatch => ({
  producerId: producer,
  firstOffset: offset,
  attributes,
  records: [{ key: null }],
})
const offsets = (batches: readonly RecordBatch[]): readonly bigint[] => batches.map(({ firstOffset }) => firstOffset)

describe('batches that were committed', () => {
  it('leaves out each aborted transaction of a producer, and not what it committed between them', () => {
    const batches = [
      batch(1n, 0n),
      marker(1n, 1n, 0),
      batch(1n, 2n),
      marker(1n, 3n, 1),
      batch(1n, 4n),
      marker(1n, 5n, 0),
      batch(1n, 6n),
      marker(1n, 7n, 1),
    ]
    const aborted = [
      { producerId: 1n, firstOffset: 4n },
      { producerId: 1n, firstOffset: 0n },
    ]
    expect(offsets(committedBatches(batches, aborted))).toEqual([2n, 6n])
  })

  it('leaves out records whose marker is not in the answer, or whose first record was in an earlier one', () => {
    expect(
      offsets(
        committedBatches([batch(1n, 10n), batch(2n, 11n), batch(1n, 12n)], [{ producerId: 1n, firstOffset: 3n }]),
      ),
    ).toEqual([11n])
  })

  it('keeps what was written outside transactions, by the same producer too', () => {
    const batches = [batch(1n, 0n), batch(2n, 1n, 0), batch(-1n, 2n, 0)]
    expect(offsets(committedBatches(batches, [{ producerId: 1n, firstOffset: 0n }]))).toEqual([1n, 2n])
  })
})
