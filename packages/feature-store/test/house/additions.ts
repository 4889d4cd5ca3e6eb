import type { Addition } from '../../../warehouse/test/house/with-addition.ts'

const definitions = `
import { z } from 'zod'
import { entity, fact, featureService, featureView, type AnyFeatureService } from './index.ts'
const customer = entity('customer', { customer_id: z.string() })
const columns = { customer_id: z.string(), ts: z.date(), kwh: z.number(), cost: z.number() }
const readings = fact('mart.readings', { columns, entities: [customer], eventTime: 'ts' })
`
const served = `
export const service: AnyFeatureService = featureService('all', [view])
`

/** An aggregate of one column, in windows of time, of rows and since ever. */
export const middle: Addition = {
  file: 'vocabulary/aggregates/middle.ts',
  list: 'vocabulary/aggregates/list.ts',
  name: 'middle',
  types: ['Middle'],
  lines: { 'vocabulary/aggregates/list.ts': [['Count<R> &', 'Count<R> & Middle<R> &']] },
  source: `
import { sql } from '@martlet/warehouse'
import type { Aggregate } from '../../define/features/aggregate.ts'
import type { AggregateKind } from './aggregate-kind.ts'
import { numbersOnly } from './column-families.ts'
import type { NumberColumn, Numeric } from './typed-columns.ts'

const cannot = 'it has no middle'

export interface Middle<R> {
  middle<C extends NumberColumn<R>>(column: Numeric<R, C, typeof cannot>): Aggregate<number | null, R>
}

export const middle: AggregateKind = {
  name: 'middle',
  arity: 1,
  empty: null,
  refuses: numbersOnly(cannot),
  type: () => 'double',
  plain: (group, x) => group.aggregate(sql\`MEDIAN(\${group.leaves.toDouble(x.sql)})\`),
}
`,
  use: `${definitions}
const view = featureView('usage', { of: customer, from: readings, every: '1d', features: (f) => ({
  day: f.middle('kwh').over('1d'),
  before: f.middle('kwh').over('2d').shift('1d'),
  newest: f.middle('kwh').overLast(3),
  all: f.middle('kwh').lifetime(),
  total: f.sum('kwh').over('1d'),
}) })
export const wrong = (): unknown => featureView('wrong', { of: customer, from: readings, every: '1d',
  // @ts-expect-error a text has no middle
  features: (f) => ({ x: f.middle('customer_id').lifetime() }) })
${served}`,
}

/** An aggregate of two columns. */
export const covariance: Addition = {
  file: 'vocabulary/aggregates/covariance.ts',
  list: 'vocabulary/aggregates/list.ts',
  name: 'covariance',
  types: ['Covariance'],
  lines: { 'vocabulary/aggregates/list.ts': [['Count<R> &', 'Count<R> & Covariance<R> &']] },
  source: `
import { sql } from '@martlet/warehouse'
import type { Aggregate } from '../../define/features/aggregate.ts'
import type { AggregateKind } from './aggregate-kind.ts'
import { numbersOnly } from './column-families.ts'
import type { NumberColumn, Numeric } from './typed-columns.ts'

const cannot = 'it has no covariance'

export interface Covariance<R> {
  covariance<A extends NumberColumn<R>, B extends NumberColumn<R>>(
    x: Numeric<R, A, typeof cannot>,
    y: Numeric<R, B, typeof cannot>,
  ): Aggregate<number | null, R>
}

export const covariance: AggregateKind = {
  name: 'covariance',
  arity: 2,
  empty: null,
  refuses: numbersOnly(cannot),
  type: () => 'double',
  plain: (group, x, y) =>
    group.aggregate(sql\`COVAR_POP(\${group.leaves.toDouble(x.sql)}, \${group.leaves.toDouble(y.sql)})\`),
}
`,
  use: `${definitions}
const view = featureView('usage', { of: customer, from: readings, every: '1d', features: (f) => ({
  both: f.covariance('kwh', 'cost').overLast(2),
}) })${served}`,
}

/** A kind of window. */
export const mornings: Addition = {
  file: 'vocabulary/windows/mornings.ts',
  list: 'vocabulary/windows/list.ts',
  name: 'mornings',
  source: `
import { sql } from '@martlet/warehouse'
import type { Windowable } from '../../define/features/aggregate.ts'
import type { Features } from '../../define/features/features.ts'
import type { AggregateFeature } from '../features/aggregate.ts'
import type { WindowKind } from './window-kind.ts'

/** The hours before noon of the seven days before T. */
export interface MorningsWindow {
  readonly kind: 'mornings'
}

const DAY = 86_400_000_000

export const mornings: WindowKind<MorningsWindow> = {
  kind: 'mornings',
  fields: {},
  words: () => 'over the mornings of a week',
  reach: () => 7 * DAY,
  inside: (_, event, point) =>
    sql\`\${event.us} >= \${point.us} - \${sql.lit(7 * DAY)} AND \${event.us} % \${sql.lit(DAY)} < \${sql.lit(DAY / 2)}\`,
}

/** An aggregate over {@link mornings}. */
export function inMornings<V, R>(of: Windowable<V, R>): Features<V, '_mornings'> {
  const window: MorningsWindow = { kind: 'mornings' }
  return {
    plans: (key, place) => of.lifetime().plans(\`\${key}_mornings\`, place)
      .map((plan): AggregateFeature => ({ ...(plan as AggregateFeature), window })),
  }
}
`,
  use: `${definitions}
import { inMornings } from './vocabulary/windows/mornings.ts'
const view = featureView('usage', { of: customer, from: readings, every: '1d', features: (f) => ({
  kwh: inMornings(f.sum('kwh').where((row) => row.kwh.lt(30))),
}) })${served}`,
}

/** A kind of feature. */
export const daysSince: Addition = {
  file: 'vocabulary/features/days-since.ts',
  list: 'vocabulary/features/list.ts',
  name: 'daysSince',
  source: `
import { z } from 'zod'
import { sql } from '@martlet/warehouse'
import type { Features } from '../../define/features/features.ts'
import type { FeaturePlan } from '../../plan/feature-plan.ts'
import type { RowKind } from './feature-kind.ts'

/** Days from a date to T. */
export interface DaysSinceFeature extends FeaturePlan {
  readonly kind: 'daysSince'
  readonly from: number
}

export const daysSince: RowKind<DaysSinceFeature> = {
  kind: 'daysSince',
  stage: 'row',
  fields: { from: z.number() },
  words: ({ from }) => \`days since \${new Date(from).toISOString()}\`,
  reads: () => [],
  value: ({ from }, { t }) => sql\`((\${t} - \${sql.lit(from * 1000)}) / 86400000000)\`,
}

export function daysAfter(date: string): Features<number, ''> {
  const from = Date.parse(date)
  return {
    plans: (name) => [
      { kind: 'daysSince', name, type: 'double', nullable: false, from } satisfies DaysSinceFeature,
    ],
  }
}
`,
  use: `${definitions}
import { daysAfter } from './vocabulary/features/days-since.ts'
const view = featureView('usage', { of: customer, from: readings, every: '1d',
  features: (f) => ({ days: daysAfter('2023-12-31'), n: f.count().lifetime() }),
  derive: (v) => ({ weeks: v.days.div(2) }),
}).pick('weeks')${served}`,
}

/** A kind of source. */
export const stacked: Addition = {
  file: 'vocabulary/sources/stacked.ts',
  list: 'vocabulary/sources/list.ts',
  name: 'stacked',
  source: `
import { z } from 'zod'
import { sql, tableRef } from '@martlet/warehouse'
import type { Fact } from '../../define/sources/fact.ts'
import type { Row } from '../../define/sources/columns.ts'
import type { AnyEntity } from '../../define/sources/entity.ts'
import type { EventsSource } from '../../define/features/view-builder.ts'
import type { EventsPlan } from '../../plan/source-plan.ts'
import { fact } from './fact.ts'
import type { SourceKind } from './source-kind.ts'

/** Events in two tables of the same columns, one continuing the other. */
export interface StackedPlan extends EventsPlan {
  readonly kind: 'stacked'
  readonly more: string
}

const { kind: _, events: __, ...likeFact } = fact

export const stacked: SourceKind<StackedPlan> = {
  ...(likeFact as unknown as Omit<SourceKind<StackedPlan>, 'kind' | 'events'>),
  kind: 'stacked',
  fields: { ...fact.fields, more: z.string() },
  events: (source) => source,
  relation: ({ table, more }) => sql\`(SELECT * FROM \${tableRef(table)} UNION ALL SELECT * FROM \${tableRef(more)}) stacked\`,
}

/** A fact whose newer events stand in another table. */
export function continued<R extends Row, E extends AnyEntity>(of: Fact<R, E>, more: string): EventsSource<R, E> {
  const plan: StackedPlan = { ...of.plan, kind: 'stacked', more }
  return { kind: 'stacked', plan }
}
`,
  use: `${definitions}
import { continued } from './vocabulary/sources/stacked.ts'
const first = fact('mart.first_readings', { columns, entities: [customer], eventTime: 'ts' })
const view = featureView('usage', { of: customer, from: continued(first, 'mart.more_readings'), every: '1d',
  features: (f) => ({ kwh: f.sum('kwh').over('2d') }),
})
void readings${served}`,
}
