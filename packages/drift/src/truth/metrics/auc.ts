import { sql } from '@martlet/warehouse'
import type { TruthMetric } from '../truth-metric.ts'

/**
 * The chance that a random positive has a higher score than a random negative; ties count half.
 *
 * Each positive's placement is the share of negatives below it, each negative's the share of positives above it; their
 * deviations are the influences of DeLong (1988), added up by cluster as in Obuchowski (1997).
 */
export const auc: TruthMetric<'auc'> = {
  name: 'auc',
  word: 'AUC',
  tasks: ['binary'],
  better: 'higher',
  isShare: true,
  decides: true,
  floor: { warn: 0.02, crit: 0.05, of: 'points' },
  influence({ leaves, rows }) {
    const group = sql`side, w, dim, g`
    const same = (a: string, b: string) =>
      sql.join(
        ['side', 'w', 'dim', 'g'].map((name) => sql`${sql.raw(a)}.${sql.raw(name)} = ${sql.raw(b)}.${sql.raw(name)}`),
        sql` AND `,
      )
    return sql`
      WITH cells AS (
        SELECT ${group}, c, p, COUNT(*) AS rows_in, SUM(y) AS yes, SUM(1 - y) AS nos FROM ${rows} GROUP BY ${group}, c, p
      ), scores AS (
        SELECT ${group}, p, SUM(yes) AS yes, SUM(nos) AS nos FROM cells GROUP BY ${group}, p
      ), ranked AS (
        SELECT ${group}, p, yes, nos,
          SUM(yes) OVER (PARTITION BY ${group} ORDER BY p ROWS UNBOUNDED PRECEDING) AS yes_to,
          SUM(nos) OVER (PARTITION BY ${group} ORDER BY p ROWS UNBOUNDED PRECEDING) AS nos_to,
          SUM(yes) OVER (PARTITION BY ${group}) AS all_yes,
          SUM(nos) OVER (PARTITION BY ${group}) AS all_nos
        FROM scores
      ), placed AS (
        SELECT ${group}, p, yes, all_yes, all_nos,
          ${leaves.divide(sql`(nos_to - 0.5 * nos)`, sql`all_nos`)} AS below,
          ${leaves.divide(sql`(all_yes - yes_to + 0.5 * yes)`, sql`all_yes`)} AS above
        FROM ranked
      ), areas AS (
        SELECT ${group}, ${leaves.divide(sql`SUM(yes * below)`, sql`MAX(all_yes)`)} AS value
        FROM placed GROUP BY ${group}
      )
      SELECT k.side, k.w, k.dim, k.g, k.c, SUM(k.rows_in) AS rows_in, MAX(a.value) AS value,
        SUM(
          ${leaves.divide(sql`(k.yes * (s.below - a.value))`, sql`s.all_yes`)}
          + ${leaves.divide(sql`(k.nos * (s.above - a.value))`, sql`s.all_nos`)}
        ) AS psi
      FROM cells k
      JOIN placed s ON ${same('s', 'k')} AND s.p = k.p
      JOIN areas a ON ${same('a', 'k')}
      GROUP BY k.side, k.w, k.dim, k.g, k.c
    `
  },
}
