import { z } from 'zod'
import { attempt } from './check.ts'
import { fromEnvironment, shownVariable, variable } from './environment.ts'
import type { OnlinePlace } from './place.ts'

/**
 * A Redis or Valkey server by its URL, or by the name of the environment variable that holds it: a password does not
 * belong in a file.
 */
export type RedisConfig = ({ readonly url: string } | { readonly urlFrom: string }) & {
  /** In front of every key, so that projects can share a server. @default 'martlet:' */
  readonly prefix?: string
}

const prefix = z.string().optional()
const server = z.union(
  [z.strictObject({ url: z.string().min(1), prefix }), z.strictObject({ urlFrom: variable, prefix })],
  { error: 'must be { url } or { urlFrom: <name of an environment variable> }, and may have a prefix' },
)

/** A server that several machines share. */
export const redis: OnlinePlace<{ readonly redis: RedisConfig }> = {
  form: '{ redis: { url } }',
  schema: () => z.strictObject({ redis: server }),
  async open({ redis: config }) {
    const { redisStore } = await import('@martlet/feature-store/redis')
    return redisStore({ url: urlOf(config), ...(config.prefix === undefined ? {} : { prefix: config.prefix }) })
  },
  async check({ redis: config }, { open }) {
    const check = await attempt('online', `Check that the server is up, and ${settingOf(config)}.`, async () => {
      await (await open()).read([{ table: 'doctor', keys: [new Uint8Array()] }])
      return `${labelOf(config)} answers`
    })
    return [check]
  },
}

function urlOf(config: RedisConfig): string {
  if ('url' in config) return config.url
  return fromEnvironment({
    variable: config.urlFrom,
    key: 'online.redis.urlFrom in martlet.config.ts',
    code: 'ONLINE_URL_MISSING',
    what: 'redis://[user:password@]host[:port][/database]',
  })
}

/** The URL for messages, without user and password. */
function labelOf(config: RedisConfig): string {
  const { protocol, host, pathname } = new URL(urlOf(config))
  return `${protocol}//${host}${pathname}`
}

/** What to correct, without a value that may be a secret in the wrong place. */
function settingOf(config: RedisConfig): string {
  if ('url' in config) return 'online.redis.url'
  return `the URL in ${shownVariable(config.urlFrom) ?? 'the variable that online.redis.urlFrom names'}`
}
