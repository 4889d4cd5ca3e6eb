import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { ratesOf } from '../../src/http/access/rates.ts'
import { hashApiKey, serving, type ApiKey } from '../../src/index.ts'
import { post, serveEnergy } from '../support/serve.ts'

const caller = (perSecond: number, burst?: number, id = 'ann') => ({
  id,
  rate: { perSecond, ...(burst === undefined ? {} : { burst }) },
})

test('a burst is taken at once, and then as many per second as the limit says', () => {
  let now = 0
  const rates = ratesOf(1, () => now)
  const take = () => rates.take(caller(2, 3))
  expect([take(), take(), take()]).toEqual([0, 0, 0])
  expect(take()).toBe(500)
  now = 499
  expect(take()).toBeCloseTo(1)
  now = 500
  expect([take(), take()]).toEqual([0, 500])
  now = 60_000
  expect([take(), take(), take(), take()]).toEqual([0, 0, 0, 500])
})

test('callers do not share, those without a limit have none, and processes have a part each', () => {
  const rates = ratesOf(4, () => 0)
  const many = (who: Parameters<typeof rates.take>[0]) =>
    Array.from({ length: 20 }, () => rates.take(who)).filter((wait) => wait === 0).length
  expect(many(caller(4, 8))).toBe(2)
  expect(many(caller(4, 8, 'bob'))).toBe(2)
  // Each lets one through, however many they are.
  expect(many(caller(1, 1, 'cid'))).toBe(1)
  expect(many({ id: 'dan', rate: undefined })).toBe(20)
})

test('no more is taken than burst and rate allow, whenever it comes, and whoever waits as told is taken', () => {
  fc.assert(
    fc.property(
      fc.record({
        perSecond: fc.double({ min: 0.01, max: 1000, noNaN: true }),
        burst: fc.integer({ min: 1, max: 50 }),
        pauses: fc.array(fc.integer({ min: 0, max: 3000 }), { minLength: 1, maxLength: 200 }),
      }),
      ({ perSecond, burst, pauses }) => {
        let now = 0
        let taken = 0
        const rates = ratesOf(1, () => now)
        for (const pause of pauses) {
          now += pause
          const wait = rates.take(caller(perSecond, burst))
          if (wait === 0) taken++
          expect(taken).toBeLessThanOrEqual(burst + (now / 1000) * perSecond + 1e-6)
          if (wait > 0 && pause % 2 === 0) {
            now += wait
            expect(rates.take(caller(perSecond, burst))).toBe(0)
            taken++
          }
        }
      },
    ),
  )
})

test('callers who have not called for longest are forgotten, so that memory is bounded', () => {
  const rates = ratesOf(1, () => 0, 100)
  for (let n = 0; n < 100; n++) rates.take(caller(1, 1, `caller-${n}`))
  expect(rates.take(caller(1, 1, 'caller-0'))).toBe(1000)
  rates.take(caller(1, 1, 'one more'))
  expect(rates.take(caller(1, 1, 'caller-0'))).toBe(1000)
  expect(rates.take(caller(1, 1, 'caller-1'))).toBe(0)
})

const limited: ApiKey = {
  name: 'limited',
  sha256: hashApiKey('first key'),
  scopes: ['features:read', 'metrics:read'],
  rate: { perSecond: 0.001, burst: 3 },
}
const second: ApiKey = { ...limited, sha256: hashApiKey('second key') }
const free: ApiKey = { name: 'free', sha256: hashApiKey('free key'), scopes: ['features:read', 'metrics:read'] }

test('over HTTP it is a 429 that says when to come again, in all protocols; keys of one name share', async () => {
  const app = await serveEnergy({ auth: { keys: [limited, second, free] } })
  onTestFinished(() => app.close())
  const ask = (key: string, path = '/v1/features/next_day') =>
    post(app, path, { keys: [{ customer_id: 'a' }] }, { authorization: `Bearer ${key}` })
  // What is refused counts, too.
  expect([(await ask('first key')).status, (await ask('second key')).status]).toEqual([200, 200])
  expect((await ask('second key', '/v1/features/unknown')).status).toBe(404)
  const refused = await ask('first key')
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1000'])
  expect(await refused.json()).toMatchObject({
    code: 'RATE_LIMITED',
    detail: 'More requests have come from limited than its limit allows. Try again in 1000 s.',
  })
  expect((await ask('second key', '/get-online-features')).status).toBe(429)
  for (let n = 0; n < 10; n++) expect((await ask('free key')).status).toBe(200)
  const metrics = await app.request('/metrics', { headers: { authorization: 'Bearer free key' } })
  expect(await metrics.text()).toMatch(/martlet_requests_rejected_total\{reason="rate"\} 2/)
  // Nothing that is open to everyone is limited.
  expect((await app.request('/health/live', { headers: { authorization: 'Bearer first key' } })).status).toBe(200)
})

test.each([
  [{ perSecond: 0 }, /keys\[0\]\.rate\.perSecond must be a number above 0/],
  [{ perSecond: Number.NaN }, /perSecond/],
  [{ perSecond: Number.POSITIVE_INFINITY }, /perSecond/],
  [{ perSecond: 5, burst: 0.5 }, /burst must be at least 1/],
  [JSON.parse('{}'), /perSecond/],
])('a limit that could not work is refused: %j', (rate, says) => {
  const auth = { keys: [{ ...limited, rate }] }
  expect(() => serving({ catalog: undefined!, online: undefined!, auth })).toThrow(says)
})
