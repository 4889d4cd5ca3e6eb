import { sql, type ColumnSpec, type Warehouse } from '@martlet/warehouse'
import { numbersOf } from '../../count/numbers-of.ts'
import type { OpenSource } from '../../count/scan-source.ts'
import { expectedLossSql } from './loss-sql.ts'

/** Expected losses of a window, summed over its rows, and real ones over the rows whose label is known. */
export interface LossSums {
  readonly unscored: number
  /** Rows with a prediction, and those of them outside of what the reference had. */
  readonly rows: number
  readonly outside: number
  readonly absolute: number
  readonly absoluteSquares: number
  readonly squared: number
  readonly squaredSquares: number
  /** Rows with a label, their expected |error|, its square and error², and the real |error| and error². */
  readonly labelled: number
  readonly labelledAbsolute: number
  readonly labelledAbsoluteSquares: number
  readonly labelledSquared: number
  readonly labelledSquaredSquares: number
  readonly losses: number
  readonly squaredLosses: number
}

/** Sums expected losses in all windows with one GROUP BY. */
export async function scanLosses(
  warehouse: Warehouse,
  source: OpenSource,
  calibration: Parameters<typeof expectedLossSql>[2],
  columns: readonly ColumnSpec[],
): Promise<readonly LossSums[]> {
  const { leaves } = warehouse
  const rows = expectedLossSql(leaves, source, calibration, columns)
  const known = (value: string) => sql`SUM(CASE WHEN p IS NOT NULL THEN ${sql.raw(value)} END)`
  const labelled = (value: string) => sql`SUM(CASE WHEN p IS NOT NULL AND y IS NOT NULL THEN ${sql.raw(value)} END)`
  const sums = [
    sql`COUNT(*) - COUNT(p)`,
    sql`COUNT(p)`,
    known('o'),
    known('a'),
    known('a * a'),
    known('q'),
    known('q * q'),
    labelled('1'),
    labelled('a'),
    labelled('a * a'),
    labelled('q'),
    labelled('q * q'),
    labelled('ABS(y - p)'),
    labelled('(y - p) * (y - p)'),
  ].map((sum, index) => sql`${leaves.toDouble(sum)} AS ${sql.id(`s${index}`)}`)
  const batch = await warehouse.read(sql`SELECT w, ${sql.join(sums)} FROM (${rows}) AS expected_rows GROUP BY w`)
  const [number = [], ...columnsOf] = batch.columns.map(numbersOf)
  const found = Array.from({ length: source.windows }, () => lossSums([]))
  for (let row = 0; row < batch.rows; row += 1) {
    const window = source.indexOf(number[row] ?? -1)
    if (window !== undefined) found[window] = lossSums(columnsOf.map((values) => values[row] ?? 0))
  }
  return found
}

function lossSums(values: readonly number[]): LossSums {
  const [unscored, rows, outside, absolute, absoluteSquares, squared, squaredSquares, ...known] = Array.from(
    { length: 14 },
    (_, index) => {
      const value = values[index] ?? 0
      return Number.isNaN(value) ? 0 : value
    },
  ) as [number, number, number, number, number, number, number, ...number[]]
  const [
    labelled = 0,
    labelledAbsolute = 0,
    labelledAbsoluteSquares = 0,
    labelledSquared = 0,
    labelledSquaredSquares = 0,
    losses = 0,
    squaredLosses = 0,
  ] = known
  return {
    unscored,
    rows,
    outside,
    absolute,
    absoluteSquares,
    squared,
    squaredSquares,
    labelled,
    labelledAbsolute,
    labelledAbsoluteSquares,
    labelledSquared,
    labelledSquaredSquares,
    losses,
    squaredLosses,
  }
}
