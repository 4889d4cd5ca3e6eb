import {
  applyDefinitions,
  featureService,
  onDemand,
  planDefinitions,
  type AnyFeatureService,
  type OnDemandFunctions,
} from '@martlet/feature-store'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { hashApiKey, type ServingApp } from '../../src/index.ts'
import { backing } from '../support/backing.ts'
import { post } from '../support/serve.ts'
import { publishZones, trip, trips, zoneSpeed } from './taxi.ts'

const price = (perMinute: number, version = '1') =>
  onDemand('price', {
    of: [zoneSpeed.pick('kmh')],
    request: trip,
    version,
    output: { euros: z.number().nullable() },
    compute({ features, request }) {
      if (request.km === 13) throw new Error('thirteen is secret')
      const kmh = features.zone_speed__kmh
      return { euros: kmh === null ? null : (request.km / kmh) * 60 * perMinute }
    },
  })
const priced = (perMinute: number, version?: string) => featureService('priced', [price(perMinute, version)])

/** A server of the applied service, in a process that has these functions. */
async function serve(
  applied: AnyFeatureService,
  functions: OnDemandFunctions,
  failures: string[] = [],
): Promise<ServingApp> {
  const opened = await backing()
  await publishZones(opened.online)
  await applyDefinitions(opened.catalog, await planDefinitions(opened.catalog, [applied, trips], { missing: 'keep' }))
  const app = opened.serve({
    onDemand: functions,
    onError: ({ error }) => failures.push(error instanceof Error ? error.message : String(error)),
  })
  await app.start()
  return app
}

const keys = [{ zone_id: 'a' }]
const ask = (app: ServingApp, km: number, service = 'priced') =>
  post(app, `/v1/features/${service}`, { keys, request: [{ km }] })

test('a function computes for every request', async () => {
  const app = await serve(priced(2), [price(2)])
  expect(await (await ask(app, 10)).json()).toMatchObject({ rows: [{ values: { price__euros: 40 }, missing: {} }] })
  expect(await app.ready()).toMatchObject({ ready: true })
})

test.each<[what: string, functions: OnDemandFunctions, code: string, says: string]>([
  ['lacks the function', [], 'ON_DEMAND_FUNCTION_MISSING', 'this process has none of that name'],
  ['has another version', [price(2, '2')], 'ON_DEMAND_FUNCTION_MISSING', 'this process has version 2'],
  ['has changed code', [price(3)], 'ON_DEMAND_FUNCTION_CHANGED', 'gives other values than version 1 did'],
])('a process that %s says so and answers 503 for that service only', async (_, functions, code, says) => {
  const app = await serve(priced(2), functions)
  const refused = await ask(app, 10)
  expect(refused.status).toBe(503)
  expect(refused.headers.get('retry-after')).toBe('30')
  expect(await refused.json()).toMatchObject({ code, detail: expect.stringContaining(says) })
  expect((await ask(app, 10, 'trips')).status).toBe(200)
  expect(await (await app.request('/health/ready')).json()).toMatchObject({
    ready: false,
    checks: { 'service:priced': { ok: false, detail: expect.stringContaining(says) } },
  })
})

test('a function that fails is a 500 that keeps its reason for the log', async () => {
  const failures: string[] = []
  const app = await serve(priced(2), [price(2)], failures)
  const failed = await ask(app, 13)
  expect(failed.status).toBe(500)
  const body = await failed.text()
  expect(JSON.parse(body)).toMatchObject({ code: 'ON_DEMAND_FAILED' })
  expect(body).not.toContain('secret')
  expect(failures).toEqual(['compute of on-demand feature price (version 1) failed: thirteen is secret.'])
})

test('strangers learn that a service is not ready, not which', async () => {
  const opened = await backing()
  await applyDefinitions(opened.catalog, await planDefinitions(opened.catalog, [priced(2)], { missing: 'keep' }))
  const app = opened.serve({ auth: { keys: [{ name: 'c', sha256: hashApiKey('secret'), scopes: ['catalog:read'] }] } })
  await app.start()
  const answer = await (await app.request('/health/ready')).text()
  expect(JSON.parse(answer)).toMatchObject({ ready: false, checks: { services: { ok: false } } })
  expect(answer).not.toContain('priced')
})
