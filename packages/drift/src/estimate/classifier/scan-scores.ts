import { sql, type Sql, type Warehouse } from '@martlet/warehouse'
import { numbersOf } from '../../count/numbers-of.ts'
import type { OpenSource } from '../../count/scan-source.ts'
import type { ScoreCounts } from './score-counts.ts'

/** One class against the rest. */
export interface ScoreScan {
  readonly score: Sql
  /** Whether a row was predicted to be of the class. */
  readonly predicted: Sql
  /** Whether it is: 1 or 0, null while nobody knows; null when there are no labels. */
  readonly truth: Sql | null
  readonly edges: readonly number[]
}

/** Scores of 0 and 1 are as wrong as a double can say, instead of infinitely so. */
const LEAST = sql.raw('1e-15')
const MOST = sql.raw('(1 - 1e-15)')

/** Counts the scores of classes in all windows with one GROUP BY: `result[class][window]`. */
export async function scanScores(
  warehouse: Warehouse,
  source: OpenSource,
  scans: readonly ScoreScan[],
): Promise<readonly (readonly ScoreCounts[])[]> {
  const branches = scans.map((scan, index) => scoreScanSql(warehouse, source, scan, index))
  const batch = await warehouse.read(sql.join(branches, sql` UNION ALL `))
  const found = scans.map(({ edges }) => Array.from({ length: source.windows }, () => new Tally(edges.length + 1)))
  const [scanned = [], number = [], side = [], bin = [], ...measures] = batch.columns.map(numbersOf)
  for (let row = 0; row < batch.rows; row += 1) {
    const window = source.indexOf(number[row] ?? -1)
    const counts = window === undefined ? undefined : found[scanned[row] ?? 0]?.[window]
    if (counts === undefined) continue
    const values = measures.map((measure) => {
      const value = measure[row] ?? 0
      return Number.isNaN(value) ? 0 : value
    })
    const at = bin[row] ?? Number.NaN
    if (Number.isNaN(at)) counts.unscored += values[0] ?? 0
    else counts.add((side[row] ?? 0) * counts.bins + at, values)
  }
  return found.map((windows) => windows.map((tally) => tally.counts()))
}

/** The statement of {@link scanScores} for one class. */
function scoreScanSql(warehouse: Warehouse, source: OpenSource, scan: ScoreScan, index: number): Sql {
  const { leaves } = warehouse
  const truth = scan.truth ?? sql`CAST(NULL AS ${leaves.columnType('double')})`
  const rows = source.select([sql`${leaves.finite(scan.score)} AS s`, sql`${scan.predicted} AS p`, sql`${truth} AS y`])
  const scored = sql`SELECT w, p, y, CASE WHEN s >= 0 AND s <= 1 THEN s END AS s FROM (${rows}) AS read_rows`
  const clamped = sql`
    SELECT w, s, CASE WHEN s IS NULL THEN 0 ELSE p END AS p, CASE WHEN s IS NULL THEN NULL ELSE y END AS y,
      ${leaves.binIndex(sql.raw('s'), scan.edges)} AS b,
      CASE WHEN s < ${LEAST} THEN ${LEAST} WHEN s > ${MOST} THEN ${MOST} ELSE s END AS e
    FROM (${scored}) AS scored_rows
  `
  const aggregates = [
    sql`COUNT(*)`,
    sql`SUM(s)`,
    sql`SUM(s * s)`,
    sql`SUM(LN(e))`,
    sql`SUM(LN(1 - e))`,
    sql`COUNT(y)`,
    sql`SUM(y)`,
    sql`SUM(CASE WHEN y = 1 THEN -LN(e) END)`,
    sql`SUM(CASE WHEN y = 0 THEN -LN(1 - e) END)`,
    sql`SUM((s - y) * (s - y))`,
  ].map((aggregate, at) => sql`${leaves.toDouble(aggregate)} AS ${sql.id(`m${at}`)}`)
  return sql`
    SELECT ${sql.raw(String(index))} AS k, w, p, b, ${sql.join(aggregates)}
    FROM (${clamped}) AS binned_rows
    GROUP BY w, p, b
  `
}

/** Sums of cells while rows of a result are read. */
class Tally {
  readonly bins: number
  unscored = 0
  readonly #cells: readonly number[][]
  #logLoss = 0
  #otherLogLoss = 0
  #squaredLoss = 0

  constructor(bins: number) {
    this.bins = bins
    this.#cells = Array.from({ length: 7 }, () => Array.from({ length: 2 * bins }, () => 0))
  }

  add(cell: number, values: readonly number[]): void {
    for (const [at, cells] of this.#cells.entries()) cells[cell] = (cells[cell] ?? 0) + (values[at] ?? 0)
    this.#logLoss += values[7] ?? 0
    this.#otherLogLoss += values[8] ?? 0
    this.#squaredLoss += values[9] ?? 0
  }

  counts(): ScoreCounts {
    const [rows = [], sums = [], squares = [], logs = [], otherLogs = [], labelled = [], positives = []] = this.#cells
    const losses = { logLoss: this.#logLoss, otherLogLoss: this.#otherLogLoss, squaredLoss: this.#squaredLoss }
    return { unscored: this.unscored, rows, sums, squares, logs, otherLogs, labelled, positives, ...losses }
  }
}
