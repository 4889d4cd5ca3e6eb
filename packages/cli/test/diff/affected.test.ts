import {
  entity,
  fact,
  featureService,
  featureView,
  renamedFrom,
  type ServicePlan,
  type ViewPlan,
} from '@martlet/feature-store'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { affectedBy } from '../../src/diff/affected.ts'
import type { DefinitionSet } from '../../src/diff/definition-set.ts'

const customer = entity('customer', { id: z.string() })
const usage = fact('mart.usage', {
  columns: { id: z.string(), ts: z.date(), kwh: z.number() },
  entities: [customer],
  eventTime: 'ts',
})

const setOf = (view: { readonly plan: ViewPlan }, service: { readonly plan: ServicePlan }): DefinitionSet => ({
  views: new Map([[view.plan.name, view.plan]]),
  services: new Map([[service.plan.name, service.plan]]),
  labels: new Map(),
})

it('a service that reads a view by its former name is reached, and so are the models that read it', () => {
  const old = featureView('usage', {
    of: customer,
    from: usage,
    every: '1d',
    features: (f) => ({ avg: f.mean('kwh').over('7d'), n: f.count().over('7d') }),
  })
  const now = featureView('meter_usage', {
    renamedFrom: 'usage',
    of: customer,
    from: usage,
    every: '1d',
    features: (f) => ({ mean: renamedFrom('avg', f.mean('kwh').over('7d')), n: f.count().over('7d') }),
  })
  const models = [
    {
      model: 'm',
      alias: 'champion',
      version: 1,
      service: 'card',
      fields: ['usage__avg_7d', 'usage__n_7d'].map((field) => ({ field, type: 'double' as const })),
      definitionHashes: {},
    },
  ]
  const found = affectedBy(
    [{ view: 'meter_usage', kind: 'failed', error: { code: 'SOURCE_MISSING', message: 'no table' } }],
    setOf(old, featureService('card', [old.pick('avg_7d', 'n_7d')])),
    setOf(now, featureService('card', [now.pick('mean_7d')])),
    models,
  )
  expect(found.services).toMatchObject([
    { name: 'card', fields: ['usage__avg_7d', 'usage__n_7d', 'meter_usage__mean_7d'] },
  ])
  expect(found.models).toMatchObject([{ model: 'm', fields: ['usage__avg_7d', 'usage__n_7d'] }])
})
