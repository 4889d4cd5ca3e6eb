import { sql } from '@martlet/warehouse'
import type { JobContext } from 'martlet'
import { rowsFrom } from './rows.ts'

export interface DailyUsageInput {
  /** A UTC day such as 2026-06-01. */
  readonly day: string
}

/** Computes the rows of one day of `mart.daily_usage` again, in one transaction: a repeated attempt leaves the same rows. */
export async function dailyUsage({ input, project, measure, note }: JobContext<DailyUsageInput>): Promise<object> {
  const warehouse = await project.warehouse()
  const day = sql`CAST(${input.day} AS DATE)`
  const written = await warehouse.transaction(async (inside) => {
    await inside.run(sql`DELETE FROM mart.daily_usage WHERE day = ${day}`)
    return inside.run(sql`
      INSERT INTO mart.daily_usage (day, segment, customers, calls, active_users)
      SELECT CAST(u.used_at AS DATE), c.segment, COUNT(*), SUM(u.calls), SUM(u.active_users)
      FROM mart.fact_usage AS u
      INNER JOIN mart.dim_customer AS c ON c.customer_id = u.customer_id
      WHERE CAST(u.used_at AS DATE) = ${day}
      GROUP BY CAST(u.used_at AS DATE), c.segment
    `)
  })
  const [total] = await rowsFrom(
    warehouse,
    'SELECT SUM(calls) AS calls FROM mart.daily_usage WHERE day = CAST(? AS DATE)',
    input.day,
  )
  note(`wrote ${written} rows of ${input.day}`)
  measure('rows', written)
  return { day: input.day, rows: written, calls: Number(total?.['calls'] ?? 0) }
}
