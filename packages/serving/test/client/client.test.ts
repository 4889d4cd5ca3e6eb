import { hc } from 'hono/client'
import { expect, test } from 'vitest'
import { createClient, hashApiKey, type ServingApp } from '../../src/index.ts'
import { backing } from '../support/backing.ts'
import type { metered, nextDay, usageOnly } from '../support/energy.ts'
import { serveEnergy } from '../support/serve.ts'

function over(app: ServingApp) {
  return (url: string, init: RequestInit) => app.request(url.replace('http://ml.test', ''), init)
}

test('features come with the types of the service', async () => {
  await using app = await serveEnergy()
  const client = createClient<typeof nextDay>({ url: 'http://ml.test/', service: 'next_day', fetch: over(app) })
  const [a, nobody] = await client.features([{ customer_id: 'a' }, { customer_id: 'nobody' }])
  const kwh: number | null | undefined = a?.values.customer_usage__kwh_7d
  const tariff: string | null | undefined = a?.values.customer_profile__tariff
  expect([kwh, tariff]).toEqual([10.25, 'night "A"'])
  expect(nobody?.missing.customer_usage__kwh_7d).toBe('NOT_FOUND')
  const [part] = await client.features([{ customer_id: 'a' }], { features: ['customer_usage__kwh_1d'] })
  expect(part?.values).toEqual({ customer_usage__kwh_1d: 1.5 })
})

test('predictions and refusals arrive with code, place and request id', async () => {
  const { register, promote, serve } = await backing()
  await promote(await register(0))
  const app = serve({ auth: { keys: [{ name: 'c', sha256: hashApiKey('secret'), scopes: ['models:predict'] }] } })
  const client = createClient<typeof usageOnly>({
    url: 'http://ml.test',
    service: 'usage_only',
    apiKey: 'secret',
    fetch: over(app),
  })
  expect(await client.predict('usage_model', [{ customer_id: 'a' }])).toMatchObject({
    version: 1,
    rows: [{ prediction: { prediction: 34 } }],
  })
  await expect(client.predict('usage_model', [{ customer_id: 'a' }], { version: 7 })).rejects.toMatchObject({
    code: 'VERSION_UNKNOWN',
    message: expect.stringContaining('no version 7'),
    status: 404,
    path: 'version',
    requestId: expect.stringMatching(/^[0-9a-f]{12}-/),
  })
  await expect(client.features([{ customer_id: 'a' }])).rejects.toMatchObject({ code: 'SCOPE_MISSING', status: 403 })
})

test('a refusal without a problem body is still an error with its status', async () => {
  const client = createClient<typeof metered>({
    url: 'http://ml.test',
    service: 'metered',
    fetch: () => new Response('<html>', { status: 502 }),
  })
  await expect(client.features([{ customer_id: 'a', meter_id: 7 }])).rejects.toMatchObject({
    code: 'HTTP_ERROR',
    status: 502,
  })
})

test("hono's own client knows the routes", async () => {
  await using app = await serveEnergy()
  const client = hc<ServingApp>('http://ml.test', {
    fetch: (input: unknown, init?: RequestInit) => over(app)(String(input), init ?? {}),
  })
  const answer = await (
    await client.v1.features[':service'].$post({
      param: { service: 'next_day' },
      json: { keys: [{ customer_id: 'a' }] },
    })
  ).json()
  expect(answer.rows[0]?.values['customer_usage__kwh_1d']).toBe(1.5)
  const catalog = await (await client.v1.catalog.$get()).json()
  expect(catalog.services.map(({ name }) => name)).toEqual(['next_day', 'usage_only', 'metered'])
})
