import {
  applyDefinitions,
  featureService,
  featureView,
  precomputed,
  onDemand,
  planDefinitions,
  type AnyFeatureService,
} from '@martlet/feature-store'
import { linearRegressionOnnx, liveModels } from '@martlet/registry'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { backing, type Backing } from '../support/backing.ts'
import { post } from '../support/serve.ts'
import { publishZones, taxi, trip, trips, zone, zoneSpeed } from './taxi.ts'

const path = '/v1/models/fares/predict'
const keys = [{ zone_id: 'a' }, { zone_id: 'nowhere' }]
const request = [{ km: 10, seats: 2 }, { km: 10 }]

/** A live model of minutes + 2 seats + 3 rides, a missing value counting as 1. */
async function fares(): Promise<Backing> {
  const opened = await backing()
  const { registry, online } = opened
  await publishZones(online)
  await apply(opened, taxi)
  const features = ['fare__minutes', 'fare__seats', 'zone_speed__rides']
  await registry.register({
    model: 'fares',
    onnx: linearRegressionOnnx({ features, weights: [1, 2, 3], bias: 0, impute: [1, null, 1] }),
    service: taxi.plan,
    goldenRows: { inputs: [[1, 2, 3]], outputs: { prediction: [14] }, tolerance: { absolute: 0, relative: 0 } },
    actor: 'trainer',
  })
  await registry.setAlias('fares', 'champion', 1, { expect: null, reason: 'test', actor: 'tester' })
  return opened
}

async function apply({ catalog }: Backing, service: AnyFeatureService): Promise<void> {
  await applyDefinitions(catalog, await planDefinitions(catalog, [service], { missing: 'keep' }))
}

test('a model is given what is computed on demand, in the order it was trained on', async () => {
  const { serve } = await fares()
  const app = serve()
  const answer = await post(app, path, { keys, request })
  expect(await answer.json()).toMatchObject({
    rows: [
      // 20 minutes + 2 · 2 seats + 3 · 4 rides
      { prediction: { prediction: 36 }, features: 'all', missing: {}, times: { zone_speed: { ageSeconds: 21_600 } } },
      // Nothing is known of the zone: 1 + 2 · 1 + 3 · 1
      {
        prediction: { prediction: 6 },
        features: 'none',
        missing: { fare__minutes: 'NULL_VALUE', zone_speed__rides: 'NOT_FOUND' },
      },
    ],
  })
  expect(await (await post(app, path, { keys })).json()).toMatchObject({ status: 400, code: 'REQUEST_MISSING' })
  expect(await (await post(app, path, { keys, request: [{ km: 1 }] })).json()).toMatchObject({
    code: 'REQUEST_INVALID',
  })
})

test('a model is not given values that are computed differently than when it was trained', async () => {
  const opened = await fares()
  const { catalog, registry, serve } = opened
  const app = serve()
  await app.start()
  const slower = onDemand('fare', {
    of: [zoneSpeed.pick('kmh')],
    request: trip,
    derive: (v, r) => ({ minutes: r.km.div(v.zone_speed__kmh).mul(66), seats: r.seats.coalesce(1) }),
  })
  const changed = featureService('taxi', [slower, zoneSpeed.pick('rides')])
  const plan = await planDefinitions(catalog, [changed], { missing: 'keep', models: await liveModels(registry) })
  expect(plan.changes.map(({ reasons }) => reasons)).toEqual([['on-demand feature fare changed']])
  expect(plan.models).toMatchObject([
    {
      model: 'fares',
      outcome: 'breaks',
      reasons: ['on-demand feature fare is computed differently than when the model was trained'],
    },
  ])
  await expect(applyDefinitions(catalog, plan)).rejects.toMatchObject({ code: 'APPLY_REFUSED' })
  await applyDefinitions(catalog, plan, { allowBreaking: true })
  await app.refresh()
  const answer = await post(app, path, { keys, request })
  expect(answer.status).toBe(503)
  expect(await answer.json()).toMatchObject({ code: 'MODEL_SERVICE_CHANGED' })
  expect(await app.ready()).toMatchObject({ ready: false, checks: { 'model:fares': { ok: false } } })
  // The service itself answers by its present definition.
  const features = await post(app, '/v1/features/taxi', { keys: [{ zone_id: 'a' }], request: [{ km: 10 }] })
  expect(await features.json()).toMatchObject({ rows: [{ values: { fare__minutes: 22 } }] })
})

test('a view that only an on-demand feature reads is kept for the model when it changes', async () => {
  const { catalog, registry } = await fares()
  const otherSpeed = featureView('zone_speed', {
    of: zone,
    from: precomputed('mart.zone_speed', {
      columns: { zone_id: z.string(), at: z.date(), mph: z.number(), rides: z.int() },
      entity: zone,
      time: 'at',
    }),
    every: '1d',
    ttl: '2d',
    features: (f) => ({ kmh: f.column('mph'), rides: f.column('rides') }),
  })
  const other = onDemand('fare', {
    of: [otherSpeed.pick('kmh')],
    request: trip,
    derive: (v, r) => ({
      minutes: r.km.div(v.zone_speed__kmh).mul(60),
      seats: r.seats.coalesce(1),
      late: r.promised_at.lt(new Date('2026-01-10T08:00:00Z')),
    }),
  })
  const changed = featureService('taxi', [other.pick('minutes', 'seats'), otherSpeed.pick('rides')])
  const plan = await planDefinitions(catalog, [changed], { missing: 'keep', models: await liveModels(registry) })
  expect(plan.models).toMatchObject([
    {
      outcome: 'kept',
      reasons: ['feature kmh of view zone_speed is computed differently than when the model was trained'],
    },
  ])
  expect(plan.keep.map(({ plan: kept }) => kept.name)).toEqual(['zone_speed'])
})

test('a model keeps its values when another service is applied beside its own', async () => {
  const opened = await fares()
  const app = opened.serve()
  await apply(opened, trips)
  await app.refresh()
  const answer = await post(app, path, { keys, request })
  expect(await answer.json()).toMatchObject({ rows: [{ prediction: { prediction: 36 } }, {}] })
})
