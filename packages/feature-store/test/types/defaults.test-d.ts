import { z } from 'zod'
import {
  bands,
  entity,
  event,
  fact,
  featureService,
  featureView,
  onDemand,
  request,
  type DefaultedFieldsOf,
  type FeaturesOf,
  type InputsOf,
  type VectorOf,
} from '@martlet/feature-store'
import { sure, type Equal } from './equal.ts'

const customer = entity('customer', { customer_id: z.string() })
const usage = fact('mart.usage', {
  columns: { customer_id: z.string(), ts: z.date(), kwh: z.number(), tariff: z.enum(['peak', 'off']) },
  entities: [customer],
  eventTime: 'ts',
})
const billed = event('billed', usage)
const view = featureView('usage', {
  of: customer,
  from: usage,
  every: '1d',
  features: (f) => ({
    kwh: f.mean('kwh').over('1d', '7d').default(0),
    peak: f.max('kwh').over('7d'),
    tariff: f.last('tariff').default('off'),
    since: f.max('kwh').since(billed).default(1),
  }),
  derive: (v) => ({
    raw: v.kwh_7d.isNull(), // the row keeps its null
    twice: v.peak_7d.mul(2).default(1),
    tier: bands(v.kwh_7d, { low: 0, high: 9 }).default('low'),
  }),
  among: (v, everybody) => ({ position: everybody.rank(v.peak_7d).default(9), part: everybody.ntile(v.peak_7d, 4) }),
})

interface Served {
  readonly kwh_1d: number
  readonly kwh_7d: number
  readonly peak_7d: number | null
  readonly tariff: 'peak' | 'off'
  readonly since_since_billed: number
  readonly raw: boolean
  readonly twice: number
  readonly tier: 'low' | 'high'
  readonly position: number
  readonly part: number | null
}
type Same<A> = { readonly [K in keyof A]: A[K] }
sure<Equal<Same<FeaturesOf<typeof view>>, Same<Served>>>()

// A view over the view reads its rows, which keep the null.
const over = featureView('over', {
  of: customer,
  from: view,
  every: '1d',
  features: (v) => ({ empty: v.kwh_7d.isNull(), sure: v.kwh_7d.add(1).default(0), open: v.kwh_7d.add(1) }),
})
sure<
  Equal<Same<FeaturesOf<typeof over>>, { readonly empty: boolean; readonly sure: number; readonly open: number | null }>
>()

const plain = featureView('plain', {
  of: customer,
  from: usage,
  every: '1d',
  features: (f) => ({ peak: f.max('kwh').over('7d'), n: f.count().over('1d') }),
})
const service = featureService('s', [view.pick('kwh_7d', 'peak_7d').default({ peak_7d: 0 }), plain])
sure<
  Equal<
    VectorOf<typeof service>,
    {
      readonly usage__kwh_7d: number
      readonly usage__peak_7d: number
      readonly plain__peak_7d: number | null
      readonly plain__n_1d: number
    }
  >
>()
sure<Equal<DefaultedFieldsOf<typeof service>, 'usage__kwh_7d' | 'usage__peak_7d'>>()

// An on-demand feature reads what may be missing as null, unless it has a default.
sure<
  Equal<
    InputsOf<readonly [ReturnType<typeof picked>, typeof plain]>,
    {
      readonly usage__kwh_7d: number
      readonly usage__peak_7d: number | null
      readonly plain__peak_7d: number | null
      readonly plain__n_1d: number | null
    }
  >
>()
function picked() {
  return view.pick('kwh_7d', 'peak_7d')
}
export const fare = onDemand('fare', {
  of: [picked()],
  request: request({ km: z.number() }),
  derive: (v, r) => ({ sure: v.usage__kwh_7d.mul(r.km), open: v.usage__peak_7d.mul(r.km) }),
})
const computed = featureService('computed', [fare])
sure<Equal<VectorOf<typeof computed>, { readonly fare__sure: number; readonly fare__open: number | null }>>()
