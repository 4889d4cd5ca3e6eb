import { dropTable, rowsOf, sql, tableRef, temporaryTableName, type Sql, type Warehouse } from '@martlet/warehouse'
import { calibrationBin } from './metrics/calibration-error.ts'
import { truthMetrics, type TruthMetricName } from './metrics/list.ts'
import { REFERENCE } from './predicted-rows.ts'
import type { TruthMetric, TruthRows } from './truth-metric.ts'
import type { TruthPairs } from './truth-pairs.ts'
import type { CalibrationBin } from './truth-result.ts'

/** A value, its variance over clusters, and what it shares with the yardstick's and the baseline's. */
export interface Measured {
  readonly metric: TruthMetricName
  readonly side: number
  readonly w: number
  readonly dim: number
  readonly g: string
  readonly rows: number
  readonly clusters: number
  readonly value: number | null
  /** Σψ² over clusters, with the correction of their number; null with fewer than two. */
  readonly variance: number | null
  /** Σψψ′ with the same group of the yardstick: entities that are in both make both go up and down together. */
  readonly withReference: number
  /** Σψψ′ with the baseline's. */
  readonly withBaseline: number
}

/** The metrics of a task. */
export function metricsOf(task: TruthPairs['task']): readonly TruthMetric<TruthMetricName>[] {
  return truthMetrics.filter(({ tasks }) => tasks.includes(task))
}

/** Measures every metric in every window and segment, of both sides; only one row for each leaves the warehouse. */
export async function measure(session: Warehouse, pairs: TruthPairs, threshold: number): Promise<readonly Measured[]> {
  const measured: Measured[] = []
  for (const metric of metricsOf(pairs.task)) {
    const table = temporaryTableName('truth_influence')
    const of: TruthRows = { leaves: session.leaves, task: pairs.task, rows: pairs.rows, threshold }
    await session.run(session.leaves.createTableAs(table, metric.influence(of), { temporary: true }))
    measured.push(...(await readMetric(session, table, metric.name)))
    await dropTable(session, table)
  }
  return measured
}

async function readMetric(session: Warehouse, table: string, metric: TruthMetricName): Promise<readonly Measured[]> {
  const shared = (side: Sql, w: Sql): Sql => sql`
    SELECT a.side AS side, a.w AS w, a.dim AS dim, a.g AS g, SUM(a.psi * b.psi) AS product
    FROM ${tableRef(table)} a
    JOIN ${tableRef(table)} b ON b.dim = a.dim AND b.g = a.g AND b.c = a.c AND b.side = ${side} AND b.w = ${w}
    WHERE a.side <> 1
    GROUP BY a.side, a.w, a.dim, a.g
  `
  const rows = rowsOf(
    await session.read(sql`
      SELECT m.side AS side, m.w AS w, m.dim AS dim, m.g AS g, m.n AS n, m.clusters AS clusters, m.value AS value,
        m.squares AS squares, r.product AS with_reference, b.product AS with_baseline
      FROM (
        SELECT side, w, dim, g, SUM(rows_in) AS n, COUNT(*) AS clusters, MAX(value) AS value, SUM(psi * psi) AS squares
        FROM ${tableRef(table)} GROUP BY side, w, dim, g
      ) m
      LEFT JOIN (${shared(sql`0`, sql.lit(REFERENCE))}) r ON r.w = m.w AND r.dim = m.dim AND r.g = m.g AND r.side = m.side
      LEFT JOIN (${shared(sql`1`, sql`a.w`)}) b ON b.w = m.w AND b.dim = m.dim AND b.g = m.g AND b.side = m.side
      ORDER BY side, w, dim, g
    `),
  )
  return rows.map((row) => {
    const clusters = Number(row['clusters'])
    // As in a sample variance: deviations from an estimate are too small by this.
    const correction = clusters > 1 ? clusters / (clusters - 1) : Number.NaN
    const squares = numberOf(row['squares'])
    return {
      metric,
      side: Number(row['side']),
      w: Number(row['w']),
      dim: Number(row['dim']),
      g: String(row['g']),
      rows: Number(row['n']),
      clusters,
      value: numberOf(row['value']),
      variance: clusters > 1 && squares !== null ? squares * correction : null,
      withReference: (numberOf(row['with_reference']) ?? 0) * correction,
      withBaseline: (numberOf(row['with_baseline']) ?? 0) * correction,
    }
  })
}

/** Chances and what happened, by window and bin. */
export async function calibration(
  session: Warehouse,
  pairs: TruthPairs,
): Promise<ReadonlyMap<number, readonly CalibrationBin[]>> {
  if (pairs.task !== 'binary') return new Map()
  const bin = calibrationBin(session)
  const rows = rowsOf(
    await session.read(sql`
      SELECT w, ${bin} AS bin, COUNT(*) AS n, AVG(p) AS predicted, AVG(y) AS happened
      FROM ${pairs.all} WHERE side = 0 GROUP BY w, ${bin} ORDER BY w, bin
    `),
  )
  const windows = new Map<number, CalibrationBin[]>()
  for (const row of rows) {
    const w = Number(row['w'])
    const bins = windows.get(w) ?? []
    bins.push({ rows: Number(row['n']), predicted: Number(row['predicted']), happened: Number(row['happened']) })
    windows.set(w, bins)
  }
  return windows
}

function numberOf(value: unknown): number | null {
  if (value === null || value === undefined) return null
  const number = Number(value)
  return Number.isFinite(number) ? number : null
}
