import { hash } from 'node:crypto'
import {
  deliveryLines,
  deliveryReport,
  deliverySeverity,
  deliveryTitle,
  type AlertDelivery,
  type AlertMessage,
} from '@martlet/drift/alerts'
import { z } from 'zod'
import { variable } from '../place/environment.ts'
import type { AlertChannel } from './channel.ts'
import { channelSecret, postJson } from './post-json.ts'

export interface PagerDutyChannelConfig {
  /** The environment variable that holds the integration key. */
  readonly routingKeyFrom: string
  /** @default 'https://events.pagerduty.com/v2/enqueue' */
  readonly url?: string
}

const SUMMARY = 1024
const MESSAGES = 100
/** Events whose `dedup_key` has more characters are refused. */
const DEDUP_KEY = 255

/** Opens and closes incidents with PagerDuty's Events API v2, which drops events of a known `dedup_key`. */
export const pagerduty: AlertChannel<'pagerduty', PagerDutyChannelConfig> = {
  name: 'pagerduty',
  schema: z.strictObject({ routingKeyFrom: variable, url: z.url({ protocol: /^https?$/ }).optional() }),
  async send(delivery, { routingKeyFrom, url = 'https://events.pagerduty.com/v2/enqueue' }, { channel }) {
    const routingKey = channelSecret(routingKeyFrom, channel, 'routingKeyFrom', 'the integration key of a service')
    for (const event of pagerDutyEvents(delivery, routingKey)) await postJson(url, JSON.stringify(event))
  },
}

/** The events of a delivery: one that triggers for all that alerts, and one that resolves for each incident that is over. */
export function pagerDutyEvents(delivery: AlertDelivery, routingKey: string): readonly object[] {
  const resolved = delivery.resolved.map((key) => ({
    routing_key: routingKey,
    event_action: 'resolve',
    dedup_key: dedupKey(key),
  }))
  const messages = delivery.messages.filter(({ event }) => event !== 'recovered')
  const [first] = messages
  if (first === undefined) return resolved
  return [trigger({ ...delivery, messages }, first, routingKey), ...resolved]
}

function trigger(delivery: AlertDelivery, first: AlertMessage, routingKey: string): object {
  const report = deliveryReport(delivery)
  const severities = { crit: 'critical', warn: 'warning', info: 'info', none: 'info' } as const
  const [single] = delivery.messages.length === 1 ? delivery.messages : []
  return {
    routing_key: routingKey,
    event_action: 'trigger',
    dedup_key: dedupKey(delivery.key),
    payload: {
      summary: (single === undefined ? deliveryTitle(delivery) : `${single.title}: ${single.sentence}`).slice(
        0,
        SUMMARY,
      ),
      source: 'martlet',
      severity: severities[deliverySeverity(delivery)],
      timestamp: first.at,
      component: single?.subject ?? 'several',
      class: single?.status ?? 'digest',
      custom_details: { id: delivery.id, lines: deliveryLines(delivery, MESSAGES) },
    },
    ...(report === null ? {} : { links: [{ href: report, text: 'Report' }] }),
  }
}

/** The same for the same incident; a name that is too long is cut, and its hash keeps it apart from others. */
function dedupKey(key: string): string {
  if (key.length <= DEDUP_KEY) return key
  const mark = `…${hash('sha256', key)}`
  return `${key.slice(0, DEDUP_KEY - mark.length)}${mark}`
}
