import { claimJob, listJobs } from '@martlet/feature-store'
import { Hono } from 'hono'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { servingCatalog } from '../../src/desk/catalog/from-catalog.ts'
import { deskMetrics } from '../../src/desk/desk-metrics.ts'
import { openDesk } from '../../src/desk/desk.ts'
import { catalogJobs } from '../../src/desk/jobs/job-queue.ts'
import { limitsOf } from '../../src/desk/limits.ts'
import { authenticator } from '../../src/http/access/authenticator.ts'
import type { ServingEnv } from '../../src/http/call/hono-call.ts'
import { gateOf } from '../../src/http/gate.ts'
import { addRoutes } from '../../src/http/router.ts'
import { afterStart } from '../../src/protocol/after-start.ts'
import { materializeRoutes } from '../../src/protocol/feast/materialize.ts'
import { backing, trustedRuntime, type Backing } from '../support/backing.ts'

let place: Backing
let app: Hono<ServingEnv>
beforeEach(async () => {
  place = await backing('memory', await trustedRuntime())
})

function serveJobs(deadlineMs: number): void {
  const limits = limitsOf({ deadlineMs })
  const metrics = deskMetrics()
  const { catalog, online } = place
  const desk = openDesk({
    catalog: servingCatalog(catalog),
    online,
    functions: [],
    models: undefined,
    batching: {},
    jobs: catalogJobs(catalog),
    log: undefined,
    limits,
    metrics,
    now: () => 0n,
    pollMs: 1000,
    graceMs: 0,
    onError: () => undefined,
  })
  const onFailure = (): void => undefined
  const gate = gateOf({ authenticator: authenticator('none'), limits, metrics, onFailure })
  app = new Hono<ServingEnv>()
  addRoutes(
    app,
    materializeRoutes(desk, {}).map((route) => afterStart(route, desk)),
    gate,
  )
  onTestFinished(async () => {
    await desk.close()
    gate.close()
  })
}

const ask = async (path: string, body: object): Promise<Response> =>
  app.request(path, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } })
const asked = async (): Promise<readonly unknown[]> =>
  (await listJobs(place.catalog)).map((row) => JSON.parse(row.arguments)).toReversed()
const range = { start_ts: '2026-01-01T00:00:00+00:00', end_ts: '2026-02-01T00:00:00' }

/** A worker that runs the next job as soon as there is one. */
async function endNext(state: 'succeeded' | 'failed'): Promise<void> {
  for (;;) {
    const held = await claimJob(place.catalog, { kinds: ['materialize'], now: Date.now() })
    const error = state === 'failed' ? 'there is no table mart.usage' : null
    if (held !== undefined) {
      await held.end(state, { error_code: error && 'SOURCE_MISSING', error, exit_code: 0 }, Date.now())
      return
    }
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

test('a caller that waits hears null once it has ended, or why it failed', async () => {
  serveJobs(60_000)
  const [response] = await Promise.all([
    ask('/materialize', { ...range, feature_views: ['customer_usage'], full_feature_names: false, version: null }),
    endNext('succeeded'),
  ])
  expect([response.status, await response.text()]).toEqual([200, 'null'])
  const [failed] = await Promise.all([ask('/materialize-incremental', { end_ts: '2026-02-01' }), endNext('failed')])
  expect(failed.status).toBe(422)
  expect(await failed.text()).toContain('has failed: SOURCE_MISSING: there is no table mart.usage')
  expect(await asked()).toEqual([
    { views: ['customer_usage'], from: range.start_ts, to: '2026-02-01T00:00:00Z' },
    { to: '2026-02-01T00:00:00Z' },
  ])
})

test('what takes longer than the deadline, or is not to be waited for, is accepted; a second one is refused', async () => {
  serveJobs(400)
  const late = await ask('/materialize', { ...range, feature_views: ['customer_usage', 'meter_volts'] })
  const [{ id } = { id: '' }] = await listJobs(place.catalog)
  expect([late.status, late.headers.get('location')]).toEqual([202, `v1/jobs/${id}`])
  expect(await late.json()).toEqual({ status: 'accepted', feature_views: ['customer_usage', 'meter_volts'] })
  const busy = await ask('/materialize-incremental?async=true', { end_ts: '2999-01-01T00:00:00Z' })
  expect(busy.status).toBe(409)
  expect(await busy.json()).toEqual({
    error: 'Materialization is already running for: customer_usage, meter_volts',
    feature_views: ['customer_usage', 'meter_volts'],
  })
  const forced = await ask('/materialize-incremental?async=true&force=true', { end_ts: '2999-01-01T00:00:00Z' })
  expect([forced.status, await forced.json()]).toEqual([
    202,
    { status: 'accepted', feature_views: ['customer_profile', 'customer_usage', 'meter_volts'] },
  ])
  // A time that has not come is now.
  expect((await asked())[1]).toEqual({})
  expect((await ask('/materialize', { ...range, feature_views: ['customer_profile'] })).status).toBe(409)
})

test('everything is what disable_event_timestamp asks for', async () => {
  serveJobs(60_000)
  const body = { disable_event_timestamp: true, feature_views: null }
  expect((await ask('/materialize?async=True', body)).status).toBe(202)
  expect(await asked()).toEqual([{}])
})

test('what is wrong is refused, and names the place', async () => {
  serveJobs(60_000)
  for (const [body, status, path] of [
    [{}, 400, 'end_ts'],
    [{ end_ts: '2026-02-01' }, 400, 'start_ts'],
    [{ start_ts: '2026-02-30T00:00:00Z', end_ts: '2026-04-01' }, 400, 'start_ts'],
    [{ start_ts: '2026-02-01T25:00:00', end_ts: '2026-04-01' }, 400, 'start_ts'],
    [{ start_ts: '2026-02-01T00:00:00.1234567Z', end_ts: '2026-04-01' }, 400, 'start_ts'],
    [{ start_ts: '2026-04-01', end_ts: '2026-02-01' }, 400, 'start_ts'],
    [{ ...range, feature_views: 'customer_usage' }, 400, 'feature_views'],
    [{ ...range, feature_views: ['nope'] }, 404, 'view'],
    [{ ...range, version: 'v2' }, 404, 'version'],
  ] as const) {
    const response = await ask('/materialize', body)
    expect([body, response.status, await response.json()]).toMatchObject([body, status, { path }])
  }
  expect(await asked()).toEqual([])
})
