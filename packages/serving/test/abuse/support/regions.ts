import { entity, featureService, featureView, precomputed, publishRows, type OnlineStore } from '@martlet/feature-store'
import { z } from 'zod'
import type { AliasTarget, ModelSource } from '../../../src/index.ts'
import { batch, once } from '../../support/batch.ts'
import { sumOf } from './models.ts'

const shopper = entity('shopper', { shopper_id: z.string() })

function totals(region: string) {
  const columns = { shopper_id: z.string(), at: z.date(), basket: z.number(), visits: z.number() }
  const source = precomputed(`mart.totals_${region}`, { columns, entity: shopper, time: 'at' })
  return featureView(`totals_${region}`, {
    of: shopper,
    from: source,
    every: '1d',
    features: (f) => ({ basket: f.column('basket'), visits: f.column('visits') }),
  })
}

const eu = totals('europe')
const us = totals('america')
const payroll = totals('payroll')

/** A key for `orders_europe` and `churn_europe` must never see the other names. */
export const regions = [
  featureService('orders_europe', [eu]),
  featureService('orders_america', [us]),
  featureService('payroll', [payroll]),
]

/** What only other principals may know, each close enough to a visible name to be suggested. */
export const hiddenNames = [
  'orders_america',
  'totals_america',
  'payroll',
  'totals_payroll',
  'churn_america',
  'canary_america',
  'churn_broken',
  'mart.totals_america',
]

export async function publishRegions(store: OnlineStore): Promise<void> {
  const today = BigInt(Math.floor(Date.now() / 86_400_000)) * 86_400_000_000n
  for (const { plan } of [eu, us, payroll]) {
    await publishRows(
      store,
      plan,
      once(
        batch({
          shopper_id: ['text', ['a', 'b']],
          feature_time: ['timestamp', [today, today]],
          basket: ['double', [1, 2]],
          visits: ['double', [3, 4]],
        }),
      ),
    )
  }
}

const targets: readonly AliasTarget[] = [
  { model: 'churn_europe', alias: 'champion', version: 1 },
  { model: 'churn_america', alias: 'champion', version: 1 },
  { model: 'churn_america', alias: 'canary_america', version: 2 },
  { model: 'churn_broken', alias: 'champion', version: 1 },
]
const services: Readonly<Record<string, string>> = {
  churn_europe: 'orders_europe',
  churn_america: 'orders_america',
  churn_broken: 'payroll',
}
const views: Readonly<Record<string, string>> = {
  churn_europe: 'totals_europe',
  churn_america: 'totals_america',
  churn_broken: 'totals_payroll',
}

/** One model of each region and one that cannot be loaded. */
export const regionModels: ModelSource = {
  aliases: () => targets,
  models: () =>
    Object.keys(services).map((name) => ({
      name,
      aliases: targets.filter(({ model }) => model === name).map(({ alias, version }) => ({ alias, version })),
    })),
  versions: (model) => {
    const service = services[model]
    if (service === undefined) return undefined
    return [
      {
        model,
        version: 1,
        sha256: 'a'.repeat(64),
        service,
        status: 'READY',
        lifecycle: 'active',
        aliases: ['champion'],
        createdAt: '2026-01-01T00:00:00Z',
        description: '',
        tags: {},
        createdBy: 'trainer',
        metrics: {},
        inputs: [],
        outputs: [],
        features: [],
      },
    ]
  },
  history: (model, alias) =>
    targets
      .filter((target) => target.model === model && target.alias === alias)
      .map(({ version }) => ({
        kind: 'set',
        from: null,
        to: version,
        at: '2026-01-01T00:00:00Z',
        actor: 'tester',
        approver: null,
        reason: 'test',
      })),
  load: async (model, version) => {
    if (model === 'churn_broken') throw new Error('the artifact of churn_broken is damaged')
    return sumOf(
      model,
      version,
      services[model] ?? '',
      ['basket', 'visits'].map((column) => `${views[model]}__${column}`),
    )
  },
}
