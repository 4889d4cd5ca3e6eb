import { openMemoryStore, type OnlineStore } from '@martlet/feature-store'
import { expect, test, onTestFinished } from 'vitest'
import { fixedCatalog, serving, type Failure, type ServingOptions } from '../../src/index.ts'
import { nextDay, now, publishEnergy } from '../support/energy.ts'
import { post } from '../support/serve.ts'

const path = '/v1/features/next_day'
const body = { keys: [{ customer_id: 'a' }] }

/** A memory store whose reads wait until they are released, as if it were across a network. */
async function gatedApp(options: Partial<ServingOptions>) {
  const memory = openMemoryStore()
  await publishEnergy(memory)
  const { promise: gate, resolve: open } = Promise.withResolvers<void>()
  let reads = 0
  const online: OnlineStore = {
    ...memory,
    async read(requested) {
      reads++
      await gate
      return memory.read(requested)
    },
  }
  const app = serving({
    catalog: fixedCatalog({ services: [nextDay.plan] }),
    online,
    auth: 'none',
    now: () => now,
    ...options,
  })
  await app.start()
  onTestFinished(() => app.close())
  return { app, open, reads: () => reads }
}

test('a request beyond inFlight is refused at once, health answers, and there is room again afterwards', async () => {
  const { app, open } = await gatedApp({ limits: { inFlight: 3 } })
  const waiting = [1, 2, 3].map(() => post(app, path, body))
  const turnedAway = await post(app, path, body)
  expect(turnedAway.status).toBe(503)
  expect(turnedAway.headers.get('retry-after')).toBe('1')
  expect(await turnedAway.json()).toMatchObject({ code: 'OVERLOADED', detail: expect.stringContaining('3 requests') })
  expect((await app.request('/health/live')).status).toBe(200)
  expect(await (await app.request('/metrics')).text()).toMatch(
    /martlet_requests_rejected_total\{reason="overloaded"\} 1/,
  )
  open()
  for (const response of await Promise.all(waiting)) expect(response.status).toBe(200)
  expect((await post(app, path, body)).status).toBe(200)
})

test('a request that takes longer than the deadline is answered 504, while its work still counts', async () => {
  const { app, open } = await gatedApp({ limits: { deadlineMs: 30, inFlight: 1 } })
  const late = await post(app, path, body)
  expect(late.status).toBe(504)
  expect(await late.json()).toMatchObject({ code: 'DEADLINE' })
  expect((await post(app, path, body)).status).toBe(503)
  open()
  await expect.poll(async () => (await post(app, path, body)).status).toBe(200)
})

test('a body that never ends is answered 504', async () => {
  const { app } = await gatedApp({ limits: { deadlineMs: 30 } })
  const endless = new ReadableStream<Uint8Array>({
    pull: () => new Promise(() => undefined),
  })
  const response = await app.request(
    new Request(`http://localhost${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: endless,
      duplex: 'half',
    }),
  )
  expect(response.status).toBe(504)
})

test('prepared subsets stay within their limit, and a dropped one is prepared again', async () => {
  const { app, open } = await gatedApp({ limits: { preparedSubsets: 1 } })
  open()
  for (const feature of ['customer_usage__kwh_1d', 'customer_usage__kwh_7d', 'customer_usage__kwh_1d']) {
    const response = await post(app, path, { ...body, features: [feature] })
    expect(await response.json()).toMatchObject({ rows: [{ values: { [feature]: expect.any(Number) } }] })
  }
  const metrics = await (await app.request('/metrics')).text()
  // What the dropped ones had counted is included.
  expect(metrics).toMatch(/martlet_feature_rows_total\{service="next_day"\} 3/)
  expect(metrics).toMatch(/martlet_feature_status_total\{view="customer_usage",status="PRESENT"\} 3/)
})

test('a failing store is our fault: the 500 reveals nothing, and the reason goes to onError', async () => {
  const failures: Failure[] = []
  const broken: OnlineStore = {
    ...openMemoryStore(),
    read() {
      throw new Error('connection to 10.0.0.7 as admin refused')
    },
  }
  const app = serving({
    catalog: fixedCatalog({ services: [nextDay.plan] }),
    online: broken,
    auth: 'none',
    onError: (failure) => failures.push(failure),
  })
  onTestFinished(() => app.close())
  const response = await post(app, path, body, { 'x-request-id': 'abc-1' })
  const text = await response.text()
  expect(response.status).toBe(500)
  expect(JSON.parse(text)).toMatchObject({ code: 'INTERNAL', requestId: 'abc-1' })
  expect(text).not.toMatch(/10\.0\.0\.7|admin|\.ts/)
  expect(failures).toMatchObject([
    { requestId: 'abc-1', route: '/v1/features/:service', error: { message: expect.stringContaining('10.0.0.7') } },
  ])
  const ready = await app.request('/health/ready')
  expect(ready.status).toBe(503)
  expect(await ready.text()).not.toContain('10.0.0.7')
})
