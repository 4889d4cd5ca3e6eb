import { openDuckDb, sql } from '@martlet/warehouse'
import { expect, test } from 'vitest'
import { withAddition } from '../../../warehouse/test/house/with-addition.ts'
import type { AnyFeatureView, checkView } from '../../src/index.ts'

// As house.test.ts says, for a kind of check: one file, and one entry in the list. Words, refusals, plans and findings
// have to follow.

const source = `
import { sql } from '@martlet/warehouse'
import { z } from 'zod'
import type { CheckPlan } from '../../plan/check-plan.ts'
import type { Check, CheckKind, CheckOptions } from './check-kind.ts'
import type { NumericColumn, SomeColumn } from './typed-columns.ts'

export interface Even<R> {
  even<C extends SomeColumn<R>>(column: NumericColumn<R, C, 'it is neither even nor odd'>, options?: CheckOptions): Check
}
interface EvenPlan extends CheckPlan {
  readonly kind: 'even'
  readonly column: string
}
export const even: CheckKind<EvenPlan> = {
  kind: 'even',
  fields: { column: z.string() },
  options: 1,
  plan: ([given], table) => ({ column: table.column(given).name }),
  reads: ({ column }) => [column],
  says: ({ column }) => \`has an odd \${column}\`,
  fails: ({ column }, _, value) => sql\`\${value(column).sql} % 2 <> 0\`,
}
`
const use = `
import { z } from 'zod'
import { checkView, entity, fact, featureView } from './index.ts'
import type { ViewPlan } from './plan/view-plan.ts'
import { planText, readViewPlan } from './catalog/plan-json.ts'
const customer = entity('customer', { customer_id: z.string() })
const columns = { customer_id: z.string(), ts: z.date(), pairs: z.int() }
const socks = fact('mart.socks', { columns, entities: [customer], eventTime: 'ts',
  checks: (c) => ({ in_pairs: c.even('pairs', { severity: 'error' }) }) })
const made = featureView('worn', { of: customer, from: socks, every: '1d', features: (f) => ({ n: f.count().over('1d') }) })
// As it is read from a catalog.
export const plan: ViewPlan = readViewPlan(planText(made.plan), 'a test')
export { checkView }
export const wrong = (): unknown => fact('mart.socks', { columns, entities: [customer], eventTime: 'ts',
  // @ts-expect-error there is no such column
  checks: (c) => ({ in_pairs: c.even('pears') }) })
`

test('one file and one entry add a kind of check', async () => {
  using changed = withAddition('feature-store', {
    file: 'vocabulary/checks/even.ts',
    list: 'vocabulary/checks/list.ts',
    name: 'even',
    types: ['Even'],
    lines: { 'vocabulary/checks/list.ts': [['Unique<R> &', 'Unique<R> & Even<R> &']] },
    source,
    use,
  })
  expect(await changed.typeErrors()).toBe('')
  const used = (await changed.load('use.ts')) as {
    readonly plan: AnyFeatureView['plan']
    readonly checkView: typeof checkView
    readonly wrong: () => unknown
  }
  expect(used.wrong).toThrow(`fact 'mart.socks', check 'in_pairs': this table has no column 'pears'`)
  await using warehouse = await openDuckDb()
  await warehouse.run(sql`CREATE SCHEMA mart`)
  await warehouse.run(
    sql`CREATE TABLE mart.socks AS SELECT 'anna' AS customer_id, make_timestamp(i) AS ts, i AS pairs FROM range(5) r(i)`,
  )
  const { findings } = await used.checkView(warehouse, used.plan, { from: null, to: null, now: 1_000_000n })
  expect(findings).toMatchObject([
    { table: 'mart.socks', check: 'in_pairs', declared: 'even', severity: 'error', count: 2, total: 5 },
  ])
})
