import { customerRanking } from '../kpi/customer-ranking.ts'
import { monthlyTrend } from '../kpi/monthly-trend.ts'
import type { DemoRun } from './demo-run.ts'
import { kwh, percent } from './format.ts'

/** Prints the last months and the largest customers. */
export async function showFigures({ say, project: { warehouse } }: DemoRun): Promise<void> {
  say.step('Key figures')
  const trend = await monthlyTrend(warehouse)
  say.table(
    ['month', 'kWh', 'against the month before'],
    trend
      .slice(-6)
      .map(({ year, month, consumptionKwh, change }) => [
        `${year}-${String(month).padStart(2, '0')}`,
        kwh(consumptionKwh),
        change === null ? '–' : percent(change),
      ]),
  )
  const ranking = await customerRanking(warehouse, { n: 3 })
  say.table(
    ['largest customers', 'kWh', 'share'],
    ranking.map(({ customerId, consumptionKwh, share }) => [
      customerId,
      kwh(consumptionKwh),
      share === null ? '–' : percent(share),
    ]),
  )
}
