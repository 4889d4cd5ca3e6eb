import fc from 'fast-check'
import type { ColumnBatch, ColumnSpec, ColumnVector } from '@martlet/warehouse'

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
// The range that every engine's timestamps have: years 1 to 9999.
const micros = fc.bigInt({ min: -62_135_596_800_000_000n, max: 253_402_300_799_999_999n })
const days = fc.integer({ min: -719_162, max: 2_932_896 })
const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 30 }),
  fc.constantFrom('', 'exactly12byt', 'thirteen byte', 'é'.repeat(6), 'x'.repeat(5000)),
)

/** Batches of every column type, from no nulls to only nulls, with a `row_id` to order by. */
export function arbitraryBatch({ maxRows }: { readonly maxRows: number }): fc.Arbitrary<ColumnBatch> {
  const rowCount = fc.oneof(fc.integer({ min: 0, max: 20 }), fc.constantFrom(2047, 2048, 2049, 4097, maxRows))
  return fc
    .tuple(
      rowCount,
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
      samples(),
    )
    .map(([rows, share, chance, values]) => {
      const nulls = (): Uint8Array | null => {
        const marks = Uint8Array.from({ length: rows }, () => (Number(chance.next().value) < share ? 1 : 0))
        return marks.includes(1) ? marks : null
      }
      const pick = <T>(from: readonly T[], row: number, column: number): T => from[(row * 7 + column) % from.length]!
      const blank =
        <T>(marks: Uint8Array | null, zero: T, value: (row: number) => T): ((row: number) => T) =>
        (row) =>
          marks?.[row] === 1 ? zero : value(row)
      const index = Array.from({ length: rows }, (_, row) => row)
      const [flag, small, big, real, words, at, day] = [nulls(), nulls(), nulls(), nulls(), nulls(), nulls(), nulls()]
      const fine = nulls()
      const columns: ColumnVector[] = [
        { type: 'integer', values: Int32Array.from(index), nulls: null },
        {
          type: 'boolean',
          values: Uint8Array.from(
            index,
            blank(flag, 0, (row) => Number(pick(values.flags, row, 1))),
          ),
          nulls: flag,
        },
        {
          type: 'integer',
          values: Int32Array.from(
            index,
            blank(small, 0, (row) => pick(values.ints, row, 2)),
          ),
          nulls: small,
        },
        {
          type: 'bigint',
          values: BigInt64Array.from(
            index,
            blank(big, 0n, (row) => pick(values.bigints, row, 3)),
          ),
          nulls: big,
        },
        {
          type: 'double',
          values: Float64Array.from(
            index,
            blank(real, 0, (row) => pick(values.doubles, row, 4)),
          ),
          nulls: real,
        },
        {
          type: 'text',
          values: index.map(blank(words, '', (row) => pick(values.texts, row, 5))),
          nulls: words,
        },
        {
          type: 'timestamp',
          values: BigInt64Array.from(
            index,
            blank(at, 0n, (row) => pick(values.micros, row, 6)),
          ),
          nulls: at,
        },
        {
          type: 'date',
          values: Int32Array.from(
            index,
            blank(day, 0, (row) => pick(values.days, row, 7)),
          ),
          nulls: day,
        },
        {
          type: { decimal: [38, 10] },
          values: index.map(blank(fine, 0n, (row) => pick(values.units, row, 8))),
          nulls: fine,
        },
      ]
      return { rows, names: ['row_id', 'flag', 'small', 'big', 'real', 'words', 'at', 'day', 'fine'], columns }
    })
}

export function specsOf(batch: ColumnBatch): readonly ColumnSpec[] {
  return batch.columns.map((column, index) => ({ name: batch.names[index]!, type: column.type }))
}

function samples() {
  const some = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(of, { minLength: 1, maxLength: 40 })
  return fc.record({
    flags: some(fc.boolean()),
    ints: some(fc.integer()),
    bigints: some(int64),
    units: some(fc.bigInt({ min: 1n - 10n ** 38n, max: 10n ** 38n - 1n })),
    doubles: some(fc.double()),
    texts: some(text.filter((value) => !value.includes('\0') && value.isWellFormed())),
    micros: some(micros),
    days: some(days),
  })
}
