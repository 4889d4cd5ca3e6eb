import { sql, type Sql } from '@martlet/warehouse'
import { DAY, instant } from './table.ts'

/**
 * The rows of a view at one instant (ms), as one GROUP BY by hand: columns are named as Martlet names them, such as
 * `stddev_30d`.
 */
export function rowsByHand(features: readonly string[], time: number): Sql {
  const at = sql`TIMESTAMP ${sql.lit(instant(time))}`
  return sql`
    SELECT customer_id, ${at} AS feature_time, ${sql.join(features.map((feature) => column(feature, time)))}
    FROM mart.usage WHERE ts < ${at}
    GROUP BY customer_id ORDER BY customer_id
  `
}

function column(feature: string, time: number): Sql {
  const [name = '', length = ''] = feature.split('_')
  const since = sql`FILTER (WHERE ts >= TIMESTAMP ${sql.lit(instant(time - Number.parseInt(length, 10) * DAY))})`
  const value = {
    sum: sql`COALESCE(SUM(kwh) ${since}, 0)`,
    mean: sql`AVG(kwh) ${since}`,
    n: sql`COUNT(*) ${since}`,
    low: sql`MIN(kwh) ${since}`,
    high: sql`MAX(kwh) ${since}`,
    stddev: sql`STDDEV_SAMP(kwh) ${since}`,
  }[name]
  if (value === undefined) throw new Error(`There is no SQL for ${feature}.`)
  return sql`${value} AS ${sql.id(feature)}`
}
