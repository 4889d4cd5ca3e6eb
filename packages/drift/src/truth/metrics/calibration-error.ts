import { sql, type Sql } from '@martlet/warehouse'
import type { TruthMetric, TruthRows } from '../truth-metric.ts'

/** Bins of chances, each a tenth wide. */
export const CALIBRATION_BINS = 10

/** The bin of a chance, from 0 on; 1 is in the last one. */
export function calibrationBin({ leaves }: Pick<TruthRows, 'leaves'>): Sql {
  return leaves.leastOrNull(
    sql`FLOOR(p * ${sql.lit(CALIBRATION_BINS)})`,
    leaves.toDouble(sql.lit(CALIBRATION_BINS - 1)),
  )
}

/**
 * The expected calibration error: over ten bins of chances, the mean distance between the chance and how often it happened,
 * by rows. Less what perfectly calibrated chances show on average by sampling alone, it may be below 0. Influences take
 * the side on which each bin lies as given.
 */
export const calibrationError: TruthMetric<'calibrationError'> = {
  name: 'calibrationError',
  word: 'calibration error',
  tasks: ['binary'],
  better: 'lower',
  isShare: false,
  decides: true,
  floor: { warn: 0.02, crit: 0.05, of: 'points' },
  influence(of) {
    const group = sql`side, w, dim, g`
    const same = (a: string, b: string) =>
      sql.join(
        ['side', 'w', 'dim', 'g'].map((name) => sql`${sql.raw(a)}.${sql.raw(name)} = ${sql.raw(b)}.${sql.raw(name)}`),
        sql` AND `,
      )
    const { leaves } = of
    return sql`
      WITH cells AS (
        SELECT ${group}, c, ${calibrationBin(of)} AS bin, COUNT(*) AS n, SUM(y - p) AS gap, SUM(p * (1 - p)) AS v
        FROM ${of.rows} GROUP BY ${group}, c, ${calibrationBin(of)}
      ), bins AS (
        SELECT ${group}, bin, SUM(n) AS n, SUM(gap) AS gap, SQRT(${leaves.toDouble(sql.lit(2 / Math.PI))} * SUM(v)) AS noise
        FROM cells GROUP BY ${group}, bin
      ), totals AS (
        SELECT ${group}, SUM(n) AS n, ${leaves.divide(sql`SUM(ABS(gap))`, sql`SUM(n)`)} AS raw,
          ${leaves.divide(sql`SUM(ABS(gap)) - SUM(noise)`, sql`SUM(n)`)} AS value
        FROM bins GROUP BY ${group}
      )
      SELECT k.side, k.w, k.dim, k.g, k.c, SUM(k.n) AS rows_in, MAX(t.value) AS value,
        ${leaves.divide(sql`(SUM(SIGN(b.gap) * k.gap) - MAX(t.raw) * SUM(k.n))`, sql`MAX(t.n)`)} AS psi
      FROM cells k
      JOIN bins b ON ${same('b', 'k')} AND b.bin = k.bin
      JOIN totals t ON ${same('t', 'k')}
      GROUP BY k.side, k.w, k.dim, k.g, k.c
    `
  },
}
