import { MartletError } from '@martlet/warehouse'

export interface RedisAddress {
  readonly host: string
  readonly port: number
  readonly tls: boolean
  readonly username?: string
  readonly password?: string
  readonly database: number
  /** For messages: without user and password. */
  readonly label: string
}

/**
 * Reads `redis[s]://[[user]:password@]host[:port][/database]`. Errors never repeat the text, for it may hold a
 * password.
 * @throws MartletError BAD_ONLINE_URL
 */
export function parseRedisUrl(text: string): RedisAddress {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url === null || (url.protocol !== 'redis:' && url.protocol !== 'rediss:') || url.hostname === '')
    throw bad('is not of the form redis://[user:password@]host[:port][/database] or rediss://…')
  const path = url.pathname.replace(/^\//, '')
  if (!/^\d{0,5}$/.test(path)) throw bad('names a database that is not a number')
  if (url.search !== '' || url.hash !== '')
    throw bad('has options after "?" or "#": there are none; encode such characters of a password as %3F and %23')
  const tls = url.protocol === 'rediss:'
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  const port = url.port === '' ? 6379 : Number(url.port)
  const username = decoded(url.username)
  const password = decoded(url.password)
  return {
    host,
    port,
    tls,
    database: Number(path),
    label: `${url.protocol}//${url.hostname}:${port}/${Number(path)}`,
    ...(username === '' ? {} : { username }),
    ...(password === '' ? {} : { password }),
  }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw bad('has a user or password with a "%" that starts no escape: write %25')
  }
}

function bad(what: string): MartletError {
  return new MartletError('BAD_ONLINE_URL', `The Redis URL of the online store ${what}.`)
}
