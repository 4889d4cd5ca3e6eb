import { isDecimalVector, type ColumnBatch, type ColumnVector } from '@martlet/warehouse'

/** The texts that features of text may be, by feature; a model sees the place of a text in its list. */
export type Categories = Readonly<Record<string, readonly string[]>>

/** Rows as a model sees them: one float32 column per feature, NaN where a value is missing. */
export interface FeatureMatrix {
  readonly rows: number
  readonly features: readonly string[]
  readonly columns: readonly Float32Array[]
  readonly categories?: Categories
}

/** @throws Error when a feature is not in the batch, or neither a number nor a text that `categories` lists */
export function featureMatrix(
  batch: ColumnBatch,
  features: readonly string[],
  categories: Categories = {},
): FeatureMatrix {
  return {
    rows: batch.rows,
    features,
    categories,
    columns: features.map((name) => {
      const texts = categories[name]
      if (texts === undefined)
        return Float32Array.from(numbersOf(batch, name), (value) => (Number.isFinite(value) ? value : Number.NaN))
      const places = new Map(texts.map((text, place) => [text, place]))
      return Float32Array.from(textsOf(batch, name), (text) => places.get(text) ?? Number.NaN)
    }),
  }
}

/** Fewer rows than this say too little about a text: it is treated as one that is not known. */
const FEWEST = 10

/** The texts of every feature of text among the given rows, from the one with the lowest mean target to the highest. */
export function categoriesOf(
  batch: ColumnBatch,
  features: readonly string[],
  target: Float64Array,
  rows: Int32Array,
): Categories {
  const ofText = features.filter((name) => columnOf(batch, name).type === 'text')
  return Object.fromEntries(
    ofText.flatMap((name) => {
      const texts = textsOf(batch, name)
      const found = new Map<string, { sum: number; rows: number }>()
      for (const row of rows) {
        const text = texts[row] ?? ''
        const { sum, rows } = found.get(text) ?? { sum: 0, rows: 0 }
        if (text !== '') found.set(text, { sum: sum + (target[row] ?? 0), rows: rows + 1 })
      }
      const known = [...found].filter(([, { rows }]) => rows >= FEWEST)
      const mean = ({ sum, rows }: { readonly sum: number; readonly rows: number }): number => sum / rows
      const sorted = known.toSorted(([a, one], [b, other]) => mean(one) - mean(other) || (a < b ? -1 : 1))
      // A text that nobody has: the feature is missing in every row.
      return [[name, sorted.length === 0 ? ['none'] : sorted.map(([text]) => text)]]
    }),
  )
}

/** A column as doubles: null is NaN, true 1 and false 0, dates are days since 1970. */
export function numbersOf(batch: ColumnBatch, name: string): Float64Array {
  const column = columnOf(batch, name)
  if (column.type === 'text' || column.type === 'timestamp')
    throw new Error(`${name} is ${column.type}, and a model of numbers cannot take it`)
  const unit = isDecimalVector(column) ? 10 ** column.type.decimal[1] : 1
  return Float64Array.from({ length: batch.rows }, (_, row) =>
    column.nulls?.[row] === 1 ? Number.NaN : Number(column.values[row]) / unit,
  )
}

/** A column of text; null is an empty text. */
export function textsOf(batch: ColumnBatch, name: string): readonly string[] {
  const column = columnOf(batch, name)
  if (column.type !== 'text') throw new Error(`${name} is not text`)
  return column.values.map((value, row) => (column.nulls?.[row] === 1 ? '' : value))
}

function columnOf(batch: ColumnBatch, name: string): ColumnVector {
  const column = batch.columns[batch.names.indexOf(name)]
  if (column === undefined) throw new Error(`there is no column ${name}, only ${batch.names.join(', ')}`)
  return column
}

/** The rows that meet a condition, by number. */
export function rowsWhere(rows: number, keep: (row: number) => boolean): Int32Array {
  return Int32Array.from({ length: rows }, (_, row) => row).filter(keep)
}
