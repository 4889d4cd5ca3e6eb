import { MartletError } from '@martlet/warehouse'
import { fromEnvironment } from '../place/environment.ts'
import { ChannelFailure } from './channel.ts'

const TIMEOUT_MS = 10_000

/**
 * Posts JSON. Redirects are refused: the address of a webhook is its secret.
 * @throws ChannelFailure without the address
 */
export async function postJson(
  url: string,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<void> {
  let status: number
  let after: number
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    await answer.body?.cancel()
    if (answer.ok) return
    status = answer.status
    after = retryAfter(answer.headers.get('retry-after'))
  } catch (error) {
    throw new ChannelFailure(`it could not be reached: ${reason(error)}`, { soon: true })
  }
  throw new ChannelFailure(`it answered ${status}`, { soon: status >= 500 || status === 429 || status === 408, after })
}

/** Seconds or a date, as milliseconds from now. */
function retryAfter(header: string | null): number {
  if (header === null) return 0
  const wait = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now()
  return Number.isFinite(wait) ? Math.max(0, wait) : 0
}

/** @throws MartletError ALERT_URL_MISSING when the variable is not set, or holds no URL */
export function channelUrl(variable: string, channel: string): string {
  const key = `alerts.channels.${channel}.urlFrom in martlet.config.ts`
  const url = fromEnvironment({ variable, key, code: 'ALERT_URL_MISSING', what: 'the URL of the channel' })
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return url
  throw new MartletError(
    'ALERT_URL_MISSING',
    `The environment variable that ${key} names holds no URL that begins with https:// or http://.`,
    { data: { key } },
  )
}

/** @throws MartletError ALERT_SECRET_MISSING when the variable is not set */
export function channelSecret(variable: string, channel: string, key: string, what: string): string {
  return fromEnvironment({
    variable,
    key: `alerts.channels.${channel}.${key} in martlet.config.ts`,
    code: 'ALERT_SECRET_MISSING',
    what,
  })
}

/** Messages of `fetch` may quote the URL; codes do not. */
function reason(error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError') return `no answer within ${TIMEOUT_MS / 1000} s`
  const cause = error instanceof Error ? error.cause : undefined
  return cause instanceof Error && 'code' in cause ? String(cause.code) : 'the connection failed'
}
