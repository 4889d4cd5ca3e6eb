import { afterAll, beforeAll, describe } from 'vitest'
import { redisStore } from '../../src/redis.ts'
import { onlineStoreContract } from '../contract/online-store-contract.ts'
import { rawClient } from './raw-redis.ts'
import { hasRedis, startRedis, type RedisProcess } from './redis-process.ts'

describe.skipIf(!hasRedis)('on a server', () => {
  let server: RedisProcess
  let stores = 0
  beforeAll(async () => {
    server = await startRedis()
  })
  afterAll(() => server.remove())

  onlineStoreContract('redis', () => redisStore({ url: server.url, prefix: `store-${++stores}:` }))
})

describe.skipIf(!hasRedis)('in cluster mode, where all keys of a command must be in one slot', () => {
  let server: RedisProcess
  let stores = 0
  beforeAll(async () => {
    server = await startRedis(['--cluster-enabled', 'yes'])
    await using admin = await rawClient(server.url)
    await admin.client.sendCommand(['CLUSTER', 'ADDSLOTSRANGE', '0', '16383'])
    while (!String(await admin.client.sendCommand(['CLUSTER', 'INFO'])).includes('cluster_state:ok'))
      await new Promise((resolve) => setTimeout(resolve, 50))
  })
  afterAll(() => server.remove())

  onlineStoreContract('redis cluster node', () => redisStore({ url: server.url, prefix: `store-${++stores}:` }))
})
