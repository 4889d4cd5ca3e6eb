import type { Addition } from '../../../warehouse/test/house/with-addition.ts'

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

/** A kind of check. */
export const even: Addition = {
  file: 'vocabulary/checks/even.ts',
  list: 'vocabulary/checks/list.ts',
  name: 'even',
  types: ['Even'],
  lines: { 'vocabulary/checks/list.ts': [['Unique<R> &', 'Unique<R> & Even<R> &']] },
  source,
  use,
}
