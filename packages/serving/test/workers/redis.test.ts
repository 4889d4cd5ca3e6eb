import { redisStore } from '@martlet/feature-store/redis'
import { describe, expect, onTestFinished, test } from 'vitest'
import { hasRedis, startRedis } from '../../../feature-store/test/online/redis-process.ts'
import { backing } from '../support/backing.ts'
import { publishEnergy } from '../support/energy.ts'
import { startLanes } from './support/lanes.ts'
import { answered, startWorkers } from './support/start.ts'

const patient = { timeout: 60_000, interval: 20 }
const route = '/v1/features/:service'

describe.skipIf(!hasRedis)('workers on a Redis server', () => {
  test('that is killed under load answer 503, count it, and go on by themselves when it is back', async () => {
    const redis = await startRedis()
    onTestFinished(() => redis.remove())
    const publish = async (): Promise<void> => {
      const store = await redisStore({ url: redis.url })
      await publishEnergy(store)
      await store.close()
    }
    await publish()
    const { folder } = await backing('memory')
    const workers = await startWorkers('worker.ts', { folder, redis: redis.url })
    const codes = new Set<string>()
    const lanes = startLanes({
      port: workers.port,
      lanes: 4,
      request: () => ({ path: '/v1/features/next_day', body: '{"keys":[{"customer_id":"a"}]}' }),
      onAnswer({ status, body }) {
        if (status !== 200) codes.add(JSON.parse(body).code)
      },
    })
    const count = (status: number): number => lanes.statuses.get(status) ?? 0
    await expect.poll(() => count(200), patient).toBeGreaterThan(20)
    await redis.stop('crash')
    await expect.poll(() => count(503), patient).toBeGreaterThan(20)
    await redis.start()
    await publish()
    const before = count(200)
    await expect.poll(() => count(200), patient).toBeGreaterThan(before + 20)
    await lanes.stop()
    expect(new Set(lanes.statuses.keys())).toEqual(new Set([200, 503]))
    expect(codes).toEqual(new Set(['ONLINE_STORE_UNAVAILABLE']))
    expect(lanes.broken.size).toBe(0)
    const metrics = await workers.metrics()
    expect(answered(metrics, route, 503)).toBe(count(503))
    expect(answered(metrics, route)).toBe(count(200))
    expect(workers.events.filter(({ type }) => type === 'worker-ended')).toEqual([])
  })
})
