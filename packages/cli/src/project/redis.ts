import type { OnlineStore } from '@martlet/feature-store'
import { fromEnvironment } from '../config/environment.ts'
import type { RedisConfig } from '../config/martlet-config.ts'

/** Opens the Redis server that a configuration names; its package is loaded only then. */
export async function openRedis(config: RedisConfig): Promise<OnlineStore> {
  const { redisStore } = await import('@martlet/feature-store/redis')
  return redisStore({ url: redisUrl(config), ...(config.prefix === undefined ? {} : { prefix: config.prefix }) })
}

/** The URL for messages, without user and password. */
export function redisLabel(config: RedisConfig): string {
  const { protocol, host, pathname } = new URL(redisUrl(config))
  return `${protocol}//${host}${pathname}`
}

function redisUrl(config: RedisConfig): string {
  if ('url' in config) return config.url
  return fromEnvironment({
    variable: config.urlFrom,
    key: 'online.redis.urlFrom in martlet.config.ts',
    code: 'ONLINE_URL_MISSING',
    what: 'redis://[user:password@]host[:port][/database]',
  })
}
