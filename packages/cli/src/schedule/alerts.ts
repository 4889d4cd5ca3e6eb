import { setTimeout as sleep } from 'node:timers/promises'
import { MartletError } from '@martlet/warehouse'
import { fromEnvironment } from '../place/environment.ts'
import type { AlertsConfig } from '../config/alerts-config.ts'
import { millisOf } from '../length-of-time.ts'

/** What a webhook is told about a slot, as JSON. */
export interface Alert {
  /** `recovered`: the first slot that succeeded after one that failed. */
  readonly event: 'failed' | 'recovered'
  readonly schedule: string
  /** ISO 8601, UTC. */
  readonly slot: string
  /** The command of the step that failed first; null when it recovered. */
  readonly step: string | null
  readonly exitCode: number | null
  /** The last line of the error, without secrets. */
  readonly error: string | null
  readonly host: string
}

/** Sends an alert; answers why that failed, or undefined. It never throws. */
export type AlertSender = (alert: Alert) => Promise<string | undefined>

const ATTEMPTS = 3

/** Sends alerts to the webhook of the configuration; undefined without one. What went wrong is told without the URL. */
export function alertSender(
  alerts: AlertsConfig | undefined,
  redact: (text: string) => string,
  pause = 500,
): AlertSender | undefined {
  if (alerts?.webhook === undefined) return undefined
  const { urlFrom, timeout = '10s' } = alerts.webhook
  return async (alert) => {
    let why = ''
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      if (attempt > 1) await sleep(pause * 2 ** (attempt - 2))
      try {
        const answer = await fetch(webhookUrl(urlFrom), {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(alert),
          redirect: 'error',
          signal: AbortSignal.timeout(millisOf(timeout)),
        })
        await answer.body?.cancel()
        if (answer.ok) return undefined
        why = `the webhook answered ${answer.status}`
        if (answer.status < 500 && answer.status !== 429) return why
      } catch (error) {
        if (isUnset(error)) return redact(error.message)
        why = `the webhook could not be reached: ${reason(error, timeout)}`
      }
    }
    return redact(why)
  }
}

/** @throws MartletError ALERT_URL_MISSING when the variable is not set, or is no URL */
export function webhookUrl(urlFrom: string): string {
  const place = { key: 'alerts.webhook.urlFrom in martlet.config.ts', what: 'the URL of a webhook' }
  const url = fromEnvironment({ variable: urlFrom, code: 'ALERT_URL_MISSING', ...place })
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return url
  return notUrl(place.key)
}

function notUrl(key: string): never {
  throw new MartletError(
    'ALERT_URL_MISSING',
    `The environment variable that ${key} names holds no URL that begins with https:// or http://. Set it to the URL of a webhook.`,
    { data: { key } },
  )
}

function isUnset(error: unknown): error is MartletError {
  return error instanceof MartletError
}

/** Messages of `fetch` may quote the URL; codes do not. */
function reason(error: unknown, timeout: string): string {
  if (error instanceof Error && error.name === 'TimeoutError') return `no answer within ${timeout}`
  const cause = error instanceof Error ? error.cause : undefined
  return cause instanceof Error && 'code' in cause ? String(cause.code) : 'the connection failed'
}
