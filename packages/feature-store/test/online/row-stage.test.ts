import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RowStage } from '../../src/online/row-stage.ts'

const filled = (keys: readonly Uint8Array[]): RowStage => {
  const stage = new RowStage()
  for (const [index, key] of keys.entries()) stage.add({ key, time: BigInt(index), value: Uint8Array.of(index) })
  return stage
}
const sorted = (stage: RowStage): readonly { readonly key: Buffer; readonly time: bigint; readonly value: Buffer }[] =>
  Array.from(stage.order(), (row) => ({
    key: Buffer.from(stage.key(row)),
    time: stage.time(row),
    value: Buffer.from(stage.timeAndValue(row).subarray(8)),
  }))

describe('rows side by side', () => {
  // Few different bytes, so that many keys share their beginnings, and lengths on both sides of the words compared.
  const key = fc.array(fc.constantFrom(1, 2, 127, 128, 255), { maxLength: 14 }).map((bytes) => Uint8Array.from(bytes))

  it('are ordered by all bytes of their keys, and those of one key as they came', () => {
    fc.assert(
      fc.property(fc.array(key, { maxLength: 200 }), (keys) => {
        const wanted = keys
          .map((bytes, index) => ({ key: Buffer.from(bytes), time: BigInt(index), value: Buffer.of(index) }))
          .toSorted((a, b) => Buffer.compare(a.key, b.key) || Number(a.time - b.time))
        expect(sorted(filled(keys))).toEqual(wanted)
      }),
      { numRuns: 500 },
    )
  })

  it('are read in that order once a sample shows that they came in none', () => {
    const keys = Array.from({ length: 500 }, (_, index) => Buffer.from(String((index * 7919) % 500).padStart(6, '0')))
    const stage = filled(keys)
    expect(stage.isOrdered()).toBe(false)
    expect(Array.from(stage.byKey(), (row) => Buffer.from(row.key).toString())).toEqual(keys.map(String).toSorted())
    expect(filled(keys.toSorted(Buffer.compare)).isOrdered()).toBe(true)
  })

  it('hold other rows after they were cleared', () => {
    const stage = filled([Buffer.from('b'), Buffer.from('a')])
    stage.clear()
    expect([stage.rows, stage.length, [...stage.byKey()]]).toEqual([0, 0, []])
    stage.add({ key: Buffer.from('c'), time: -5n, value: Buffer.from('v') })
    expect(Array.from(stage.byKey(), (row) => [String(row.key), row.time, String(row.value)])).toEqual([
      ['c', -5n, 'v'],
    ])
  })
})
