import { sql, type ColumnType, type Sql, type Warehouse } from '@martlet/warehouse'
import { countedEdges } from './counted-edges.ts'
import { measuredColumn, UNBINNED, unbinnedMark } from './measured-column.ts'
import { type BinnedNumbers, emptyNumbers } from './binned-column.ts'
import { numbersOf } from './numbers-of.ts'
import { countsHere } from './in-process/counts-here.ts'
import { streamNumbers } from './in-process/stream-numbers.ts'
import type { OpenSource } from './scan-source.ts'

/** A number column to count on given edges. */
export interface NumberScan {
  readonly name: string
  readonly type: ColumnType
  readonly origin: string | null
  readonly edges: readonly number[]
  /** All edges of the profile when `edges` are only some of them, so that both are counted the same way. @default edges */
  readonly among?: readonly number[]
  /** Subtracted before sums are taken, so that large numbers keep their digits. */
  readonly centre: number
}

/** Columns per statement: with more, statements get long; with fewer, there are many of them. */
export const COLUMNS_PER_SCAN = 32

/**
 * Counts number columns on their edges in all windows: `result[column][window]`. They are counted in this process where that is
 * faster ({@link countsHere}); otherwise only bins leave the warehouse.
 */
export function scanNumbers(
  warehouse: Warehouse,
  source: OpenSource,
  columns: readonly NumberScan[],
): Promise<readonly (readonly BinnedNumbers[])[]> {
  const count = countsHere(warehouse, source) ? streamNumbers : countNumbers
  return count(warehouse, source, columns)
}

/** {@link scanNumbers} in SQL. */
export async function countNumbers(
  warehouse: Warehouse,
  source: OpenSource,
  columns: readonly NumberScan[],
): Promise<readonly (readonly BinnedNumbers[])[]> {
  const found = columns.map(({ edges }) => Array.from({ length: source.windows }, () => new Tally(edges.length + 1)))
  for (let start = 0; start < columns.length; start += COLUMNS_PER_SCAN) {
    const batch = await warehouse.read(numberScanSql(warehouse, source, columns.slice(start, start + COLUMNS_PER_SCAN)))
    const [column = [], number = [], bin = [], count = [], sum = [], square = [], rows = []] =
      batch.columns.map(numbersOf)
    for (let row = 0; row < batch.rows; row += 1) {
      const window = source.indexOf(number[row] ?? -1)
      if (window === undefined) continue
      const tally = found[start + (column[row] ?? 0)]?.[window]
      const [n, s, q] = [count[row] ?? 0, sum[row] ?? 0, square[row] ?? 0]
      const { weight } = source
      if (weight === undefined) tally?.add(bin[row] ?? 0, n, s, q)
      else {
        const scale = weight.scaleOf(window)
        tally?.add(bin[row] ?? 0, weight.weightOf(n, window), s * scale, q * scale, rows[row] ?? 0)
      }
    }
  }
  return found.map((windows) => windows.map((tally) => tally.binned()))
}

/**
 * The statement of {@link countNumbers} for one batch of columns: rows of (column, window, bin, count, Σd, Σd²); of weighted rows
 * sums of weights, and the count after them.
 */
export function numberScanSql(warehouse: Warehouse, source: OpenSource, columns: readonly NumberScan[]): Sql {
  const { leaves } = warehouse
  const { weight } = source
  const weighed = weight === undefined ? sql`` : sql`, u`
  const branches = columns.map(({ name, type, origin, edges, among = edges, centre }, index) => {
    const measured = measuredColumn(leaves, type, sql.id(name), origin)
    const rows = source.select([
      sql`${measured.raw} AS x`,
      sql`${measured.value} AS v`,
      ...(weight === undefined ? [] : [sql`${weight.column} AS u`]),
    ])
    const all = countedEdges(among)
    const counted = edges.map((edge) => all[among.indexOf(edge)] ?? edge)
    // The bin stands for itself, not inside a CASE, where DuckDB would compute each part of it again.
    const binned = sql`
      SELECT w, x, ${leaves.binIndex(sql.raw('v'), counted)} AS b, v - ${sql.raw(`(${centre.toExponential()})`)} AS d${weighed}
      FROM (${rows}) AS measured_rows
    `
    const mark = sql`COALESCE(b, ${unbinnedMark(type, sql.raw('x'))})`
    const key = leaves.groupKey(mark, Math.min(...Object.values(UNBINNED)), counted.length)
    const marked = sql`SELECT w, ${key} AS b, d${weighed} FROM (${binned}) AS binned_rows`
    if (weight !== undefined)
      return sql`
        SELECT ${sql.raw(String(index))} AS c, w, ${leaves.toDouble(sql`b`)} AS b,
          ${leaves.toDouble(sql`SUM(u)`)} AS n, SUM(${leaves.toDouble(sql`u`)} * d) AS s,
          SUM(${leaves.toDouble(sql`u`)} * d * d) AS q, ${leaves.toDouble(sql`COUNT(*)`)} AS k
        FROM (${marked}) AS marked_rows
        GROUP BY w, b
      `
    return sql`
      SELECT ${sql.raw(String(index))} AS c, w, ${leaves.toDouble(sql`b`)} AS b,
        ${leaves.toDouble(sql`COUNT(*)`)} AS n, SUM(d) AS s, SUM(d * d) AS q
      FROM (${marked}) AS marked_rows
      GROUP BY w, b
    `
  })
  return sql.join(branches, sql` UNION ALL `)
}

class Tally {
  readonly #bins: { readonly counts: number[]; readonly sums: number[]; readonly squares: number[] }
  readonly #marks = new Map<number, number>()
  #valueRows: number | undefined

  constructor(bins: number) {
    const empty = emptyNumbers(bins)
    this.#bins = { counts: [...empty.counts], sums: [...empty.sums], squares: [...empty.squares] }
  }

  /** `rows` where `count` is a weight. */
  add(bin: number, count: number, sum: number, square: number, rows?: number): void {
    if (rows !== undefined) this.#valueRows = (this.#valueRows ?? 0) + (bin < 0 ? 0 : rows)
    if (bin < 0) {
      this.#marks.set(bin, (this.#marks.get(bin) ?? 0) + count)
      return
    }
    this.#bins.counts[bin] = (this.#bins.counts[bin] ?? 0) + count
    this.#bins.sums[bin] = (this.#bins.sums[bin] ?? 0) + sum
    this.#bins.squares[bin] = (this.#bins.squares[bin] ?? 0) + square
  }

  /** Sums of weights without what adding them up leaves beyond their digits. */
  #whole(sum: number): number {
    return this.#valueRows === undefined ? sum : Math.round(sum * 1e6) / 1e6
  }

  binned(): BinnedNumbers {
    const mark = (name: keyof typeof UNBINNED): number => this.#marks.get(UNBINNED[name]) ?? 0
    const finite = this.#whole(this.#bins.counts.reduce((sum, count) => sum + count, 0))
    const marks = {
      nulls: mark('null'),
      nan: mark('nan'),
      positiveInfinite: mark('positiveInfinite'),
      negativeInfinite: mark('negativeInfinite'),
    }
    const rows = this.#whole(finite + marks.nulls + marks.nan + marks.positiveInfinite + marks.negativeInfinite)
    return {
      rows,
      finite,
      ...marks,
      ...this.#bins,
      ...(this.#valueRows === undefined ? {} : { valueRows: this.#valueRows }),
    }
  }
}
