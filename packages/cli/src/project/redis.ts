import process from 'node:process'
import type { OnlineStore } from '@martlet/feature-store'
import { MartletError } from '@martlet/warehouse'
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
  const url = process.env[config.urlFrom]
  if (url !== undefined && url !== '') return url
  throw new MartletError('ONLINE_URL_MISSING', `The environment variable ${config.urlFrom}, which online.redis.urlFrom in martlet.config.ts names, is not set. Set it to redis://[user:password@]host[:port][/database].`, {
    data: { variable: config.urlFrom },
  })
}
