import type { JobContext } from 'martlet'
import { columnChart } from '../report/charts.ts'
import { markdownPage } from '../report/markdown.ts'
import { htmlPage, type Page, type Tone } from '../report/page.ts'
import { age, count, decimal, money, month, moment, NOTHING, share, trend } from '../report/words.ts'
import { numberOf, rowsFrom, type Row } from './rows.ts'

export const STATUS_TONE: Readonly<Record<string, Tone>> = { ok: 'good', warn: 'warn', down: 'bad' }
const MONTHS_SHOWN = 6
const CUSTOMERS_SHOWN = 10

/** The month's figures, the customers to call, and how the platform runs: HTML, Markdown, and the figures as JSON. */
export async function executiveReport({ project, artifact, measure, note }: JobContext<object>): Promise<object> {
  const warehouse = await project.warehouse()
  const [clock] = await rowsFrom(warehouse, 'SELECT now FROM ops.clock')
  const months = (await rowsFrom(warehouse, 'SELECT * FROM mart.executive_summary ORDER BY year, month')).slice(
    -MONTHS_SHOWN,
  )
  const atRisk = await rowsFrom(
    warehouse,
    `SELECT * FROM mart.customer_360 WHERE class = 'at risk' ORDER BY monthly_fee DESC, health, customer_id LIMIT ${CUSTOMERS_SHOWN}`,
  )
  const status = await rowsFrom(warehouse, 'SELECT * FROM ops.operational_status ORDER BY place')
  const late = await rowsFrom(
    warehouse,
    'SELECT * FROM ops.pipeline_sla WHERE NOT fresh OR NOT quality_ok ORDER BY pipeline',
  )
  note(`read ${months.length} months and ${atRisk.length} customers at risk`)
  const page = executivePage({ now: clock?.['now'] ?? null, months, atRisk, status, late })
  await artifact('executive-summary.html', 'text/html', htmlPage(page))
  await artifact('executive-summary.md', 'text/markdown', markdownPage(page))
  await artifact('executive-summary.json', 'application/json', `${JSON.stringify({ months, status }, null, 2)}\n`)
  measure('rows', months.length + atRisk.length + status.length + late.length)
  return { months: months.length, at_risk: atRisk.length, late: late.map((row) => row['pipeline']) }
}

export interface ExecutiveFigures {
  readonly now: Row[string]
  readonly months: readonly Row[]
  readonly atRisk: readonly Row[]
  readonly status: readonly Row[]
  readonly late: readonly Row[]
}

export function executivePage({ now, months, atRisk, status, late }: ExecutiveFigures): Page {
  const [last, before] = [months.at(-1) ?? {}, months.at(-2) ?? {}]
  const change = (name: string): string =>
    `${trend(numberOf(last[name]) / numberOf(before[name]) - 1)} on the month before`
  const points = (name: string) =>
    months.map((row) => ({ label: month(row['year'], row['month']).slice(0, 3), value: numberOf(row[name]) }))
  const lost = months.reduce((sum, row) => sum + numberOf(row['lost_customers']), 0)
  return {
    title: 'Executive summary',
    subtitle: `${month(last['year'], last['month'])}, as of ${moment(now)}`,
    tiles: [
      { label: 'Customers', value: count(last['customers']), note: `${count(lost)} lost in ${months.length} months` },
      { label: 'Monthly fees', value: money(last['monthly_fees']), note: change('monthly_fees') },
      { label: 'Invoiced this month', value: money(last['invoiced']), note: `${money(last['collected'])} collected` },
      {
        label: 'Overdue',
        value: money(months.reduce((sum, row) => sum + numberOf(row['overdue']), 0)),
        note: `from ${months.length} months`,
        tone: months.some((row) => numberOf(row['overdue']) > 0) ? 'warn' : 'good',
      },
      { label: 'Tickets', value: count(last['tickets']), note: `${decimal(last['hours_to_answer'])} h to an answer` },
      {
        label: 'Runs without failure',
        value: share(1 - numberOf(last['failed_runs']) / numberOf(last['runs'])),
        note: `of ${count(last['runs'])} this month`,
      },
    ],
    sections: [
      {
        title: 'The platform',
        table: {
          columns: [
            { title: 'Part' },
            { title: 'Status' },
            { title: 'Well', number: true },
            { title: 'Of', number: true },
          ],
          rows: status.map((row) => [
            String(row['part']),
            { text: String(row['status']), tone: STATUS_TONE[String(row['status'])] ?? 'warn' },
            count(row['well']),
            count(row['total']),
          ]),
        },
      },
      {
        title: 'Six months',
        charts: [
          { title: 'Monthly fees at the end of the month', svg: columnChart(points('monthly_fees'), money) },
          { title: 'Calls', svg: columnChart(points('calls'), count) },
          { title: 'Customers lost', svg: columnChart(points('lost_customers'), count) },
          { title: 'Tickets', svg: columnChart(points('tickets'), count) },
        ],
        table: {
          columns: [
            { title: 'Month' },
            ...['Customers', 'New', 'Lost', 'Fees', 'Invoiced', 'Overdue', 'Tickets', 'Urgent', 'Failed runs'].map(
              (title) => ({ title, number: true }) as const,
            ),
          ],
          rows: months.map((row) => [
            month(row['year'], row['month']),
            count(row['customers']),
            count(row['new_customers']),
            count(row['lost_customers']),
            money(row['monthly_fees']),
            money(row['invoiced']),
            money(row['overdue']),
            count(row['tickets']),
            count(row['urgent_tickets']),
            numberOf(row['runs']) === 0 ? NOTHING : count(row['failed_runs']),
          ]),
        },
      },
      {
        title: 'Customers to call',
        text: `The ${atRisk.length} at risk that pay most.`,
        table: {
          columns: [
            { title: 'Customer' },
            { title: 'Plan' },
            ...['Fee', 'Health', 'Use', 'Open tickets', 'Overdue'].map((title) => ({ title, number: true }) as const),
          ],
          rows: atRisk.map((row) => [
            `${String(row['name'])} (${String(row['customer_id'])})`,
            String(row['plan']),
            money(row['monthly_fee']),
            count(row['health']),
            trend(row['usage_trend']),
            count(row['open_tickets']),
            money(row['overdue']),
          ]),
        },
      },
      {
        title: 'Promises that do not hold',
        table: {
          columns: [
            { title: 'Pipeline' },
            { title: 'Owner' },
            { title: 'Freshness' },
            { title: 'Quality' },
            { title: 'Failed in 7 days', number: true },
          ],
          rows: late.map((row) => [
            String(row['pipeline']),
            String(row['owner']),
            {
              text: `${age(row['age_minutes'])} of ${age(row['fresh_minutes'])}`,
              tone: row['fresh'] === true ? 'good' : 'bad',
            },
            {
              text: row['quality_ok'] === true ? 'sound' : 'findings',
              tone: row['quality_ok'] === true ? 'good' : 'bad',
            },
            count(row['failed_7d']),
          ]),
        },
      },
    ],
  }
}
