import { expect, test } from 'vitest'
import { customerPage } from '../../src/jobs/customer-report.ts'
import { executivePage } from '../../src/jobs/executive-report.ts'
import { axisLabel, columnChart, lineChart, niceMost } from '../../src/report/charts.ts'
import { markdownPage } from '../../src/report/markdown.ts'
import { htmlPage } from '../../src/report/page.ts'
import { age, money, trend } from '../../src/report/words.ts'

const now = new Date('2026-03-10T12:00:00Z')
const month = (number: number, more: object = {}) => ({
  year: 2026,
  month: number,
  customers: 10 + number,
  monthly_fees: 1000 * number,
  new_customers: 1,
  lost_customers: number - 1,
  invoiced: 900,
  collected: 800,
  overdue: 50,
  calls: 1_200_000,
  tickets: 4,
  urgent_tickets: 1,
  hours_to_answer: 2.5,
  runs: 100,
  failed_runs: 9,
  ...more,
})
const figures = {
  now,
  months: [month(1, { runs: 0, failed_runs: 0 }), month(2), month(3)],
  atRisk: [
    {
      customer_id: 'C0001',
      name: 'Ink & <b>Paper</b>',
      plan: 'team',
      monthly_fee: 99,
      health: 35,
      usage_trend: null,
      open_tickets: 2,
      overdue: 0,
    },
  ],
  status: [{ part: 'freshness', status: 'down', well: 3, total: 12 }],
  late: [],
}

test('the executive summary has its figures, in HTML and in Markdown, and fetches nothing', () => {
  const page = executivePage(figures)
  expect(page.tiles.map(({ label, value }) => `${label} ${value}`)).toEqual([
    'Customers 13',
    'Monthly fees € 3,000',
    'Invoiced this month € 900',
    'Overdue € 150',
    'Tickets 4',
    'Runs without failure 91 %',
  ])
  const html = htmlPage(page)
  expect(html).toContain('Ink &amp; &lt;b&gt;Paper&lt;/b&gt; (C0001)')
  expect(html).not.toContain('<b>Paper')
  expect(html).not.toMatch(/src=|href=|@import|url\(/)
  expect(html).not.toMatch(/NaN|undefined|null/)
  expect(html).toContain('<span class="badge bad">down</span>')
  const markdown = markdownPage(page)
  expect(markdown).toContain('| Jan 2026 | 11 | 1 | 0 | € 1,000 | € 900 | € 50 | 4 | 1 | – |')
  expect(markdown).toContain('## Promises that do not hold\n\nNone.')
})

test('a report of a customer who has left and paid nothing has no empty words', () => {
  const customer = {
    customer_id: 'C0002',
    name: 'Elm Tools',
    segment: 'retail',
    region: 'north',
    signed_up_at: new Date('2025-10-03T00:00:00Z'),
    plan: null,
    monthly_fee: 0,
    left_at: new Date('2026-03-01T00:00:00Z'),
    tenure_days: 158,
    calls_28d: 0,
    usage_trend: null,
    open_tickets: 0,
    tickets_90d: 1,
    overdue: 0,
    mean_days_late: null,
    health: null,
    class: 'left',
  }
  const html = htmlPage(customerPage({ now, customer, usage: [], tickets: [], invoices: [] }))
  expect(html).not.toMatch(/NaN|undefined|null|Infinity/)
  expect(html).toContain('left on 1 Mar 2026')
  expect(html).toContain('has paid nothing yet')
})

test('charts have a round top, a gap where a value is missing, and a label at the end', () => {
  const points = [3, Number.NaN, 52_000].map((value, at) => ({ label: `d${at}`, value }))
  expect(niceMost(points)).toBe(60_000)
  expect([niceMost([]), ...[5, 11, 999, 1_050_000].map((value) => niceMost([{ label: '', value }]))]).toEqual([
    2, 6, 12, 1000, 1_200_000,
  ])
  expect([0, 6, 60_000, 1_200_000].map(axisLabel)).toEqual(['0', '6', '60k', '1.2M'])
  const columns = columnChart(points, money)
  expect(columns.match(/<rect/g)).toHaveLength(2)
  expect(columns).toContain('d2: € 52,000')
  const line = lineChart(points)
  expect(line).not.toContain('NaN')
  expect(line).toContain('text-anchor="end">d2</text>')
})

test('words of figures', () => {
  expect([age(45), age(600), age(4320), age(null)]).toEqual(['45 min', '10 h', '3 d', '–'])
  expect([trend(0.123), trend(-0.5), trend(Number.NaN)]).toEqual(['+12 %', '−50 %', '–'])
})
