import { MartletError } from '@martlet/warehouse'
import type { JobContext } from 'martlet'
import { lineChart } from '../report/charts.ts'
import { htmlPage, type Page, type PageCell, type Tone } from '../report/page.ts'
import { count, date, decimal, money, moment, NOTHING, trend } from '../report/words.ts'
import { numberOf, rowsFrom, type Row } from './rows.ts'

export interface CustomerReportInput {
  readonly customer_id: string
}

const CLASS_TONE: Readonly<Record<string, Tone>> = { healthy: 'good', watch: 'warn', 'at risk': 'bad', left: 'bad' }

/** All about one customer: HTML, and the row of `mart.customer_360` as JSON. */
export async function customerReport({
  input,
  project,
  artifact,
  measure,
}: JobContext<CustomerReportInput>): Promise<object> {
  const warehouse = await project.warehouse()
  const { customer_id: id } = input
  const [customer] = await rowsFrom(warehouse, 'SELECT * FROM mart.customer_360 WHERE customer_id = ?', id)
  if (customer === undefined) throw new MartletError('CUSTOMER_NOT_FOUND', `There is no customer ${id}.`)
  const [clock] = await rowsFrom(warehouse, 'SELECT now FROM ops.clock')
  const usage = await rowsFrom(
    warehouse,
    'SELECT used_at, calls FROM mart.fact_usage WHERE customer_id = ? ORDER BY used_at',
    id,
  )
  const tickets = await rowsFrom(
    warehouse,
    'SELECT * FROM mart.fact_ticket WHERE customer_id = ? ORDER BY opened_at DESC, ticket_id LIMIT 10',
    id,
  )
  const invoices = await rowsFrom(
    warehouse,
    'SELECT * FROM mart.fact_invoice WHERE customer_id = ? ORDER BY issued_at DESC LIMIT 6',
    id,
  )
  const page = customerPage({ now: clock?.['now'] ?? null, customer, usage, tickets, invoices })
  await artifact(`customer-${id}.html`, 'text/html', htmlPage(page))
  await artifact(`customer-${id}.json`, 'application/json', `${JSON.stringify(customer, null, 2)}\n`)
  measure('rows', usage.length + tickets.length + invoices.length + 1)
  return { customer_id: id, class: customer['class'], health: customer['health'] }
}

export interface CustomerFigures {
  readonly now: Row[string]
  readonly customer: Row
  readonly usage: readonly Row[]
  readonly tickets: readonly Row[]
  readonly invoices: readonly Row[]
}

export function customerPage({ now, customer, usage, tickets, invoices }: CustomerFigures): Page {
  const tone = CLASS_TONE[String(customer['class'])]
  const days = usage.slice(-84)
  return {
    title: String(customer['name']),
    subtitle: `${String(customer['customer_id'])} · ${String(customer['segment'])} · ${String(customer['region'])} · as of ${moment(now)}`,
    tiles: [
      {
        label: 'Health',
        value: customer['health'] === null ? NOTHING : count(customer['health']),
        note: String(customer['class']),
        ...(tone === undefined ? {} : { tone }),
      },
      {
        label: 'Plan',
        value: customer['plan'] === null ? 'none' : String(customer['plan']),
        note:
          customer['plan'] === null
            ? `left on ${date(customer['left_at'])}`
            : `${money(customer['monthly_fee'])} a month`,
      },
      { label: 'Customer since', value: since(customer), note: `${count(customer['tenure_days'])} days` },
      {
        label: 'Calls in 28 days',
        value: count(customer['calls_28d']),
        note: `${trend(customer['usage_trend'])} on the 28 before`,
      },
      {
        label: 'Open tickets',
        value: count(customer['open_tickets']),
        note: `${count(customer['tickets_90d'])} in 90 days`,
      },
      {
        label: 'Overdue',
        value: money(customer['overdue']),
        note: paysWhen(numberOf(customer['mean_days_late'])),
        tone: numberOf(customer['overdue']) > 0 ? 'bad' : 'good',
      },
    ],
    sections: [
      {
        title: 'Use',
        charts: [
          {
            title: 'Calls a day, twelve weeks',
            svg: lineChart(
              days.map((row) => ({ label: date(row['used_at'] ?? null).slice(0, -5), value: numberOf(row['calls']) })),
            ),
          },
          { title: 'Calls a week', svg: lineChart(weeks(days)) },
        ],
      },
      {
        title: 'Tickets',
        table: {
          columns: [
            { title: 'Opened' },
            { title: 'Severity' },
            { title: 'State' },
            { title: 'Satisfaction', number: true },
          ],
          rows: tickets.map((row) => [
            moment(row['opened_at']),
            severityCell(String(row['severity'])),
            row['closed_at'] === null ? { text: 'open', tone: 'warn' } : `closed ${date(row['closed_at'])}`,
            count(row['satisfaction']),
          ]),
        },
      },
      {
        title: 'Invoices',
        table: {
          columns: [{ title: 'Issued' }, { title: 'Due' }, { title: 'Amount', number: true }, { title: 'Paid' }],
          rows: invoices.map((row) => [
            date(row['issued_at']),
            date(row['due_at']),
            money(row['amount']),
            paidCell(row, now),
          ]),
        },
      },
    ],
  }
}

function since(customer: Row): string {
  return date(customer['signed_up_at']).split(' ').slice(-2).join(' ')
}

function paysWhen(daysLate: number): string {
  if (Number.isNaN(daysLate)) return 'has paid nothing yet'
  return `pays ${decimal(Math.abs(daysLate))} days ${daysLate > 0 ? 'late' : 'early'}`
}

function severityCell(severity: string): PageCell {
  return severity === 'urgent' ? { text: severity, tone: 'bad' } : severity
}

function paidCell(row: Row, now: Row[string]): PageCell {
  if (row['paid_at'] !== null) return date(row['paid_at'])
  return numberOf(row['due_at']) < numberOf(now) ? { text: 'overdue', tone: 'bad' } : 'not yet due'
}

/** Sums of seven days, the last one ending with the newest day. */
function weeks(days: readonly Row[]): readonly { readonly label: string; readonly value: number }[] {
  const whole = days.slice(days.length % 7)
  return Array.from({ length: whole.length / 7 }, (_, week) => {
    const seven = whole.slice(7 * week, 7 * week + 7)
    const value = seven.reduce((sum, row) => sum + numberOf(row['calls']), 0)
    return { label: date(seven.at(-1)?.['used_at']).slice(0, -5), value }
  })
}
