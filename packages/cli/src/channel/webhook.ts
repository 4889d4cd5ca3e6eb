import { createHmac } from 'node:crypto'
import { deliveryTitle } from '@martlet/drift/alerts'
import { z } from 'zod'
import { variable } from '../place/environment.ts'
import type { AlertChannel } from './channel.ts'
import { channelSecret, channelUrl, postJson } from './post-json.ts'

export interface WebhookChannelConfig {
  /** The environment variable that holds the URL. */
  readonly urlFrom: string
  /** The environment variable that holds the secret of signatures. @default not signed */
  readonly secretFrom?: string
}

/** Posts a delivery as JSON, signed as Standard Webhooks says. Source: standardwebhooks.com, version 1.0.0. */
export const webhook: AlertChannel<'webhook', WebhookChannelConfig> = {
  name: 'webhook',
  schema: z.strictObject({ urlFrom: variable, secretFrom: variable.optional() }),
  async send(delivery, { urlFrom, secretFrom }, { channel }) {
    const { id, key, messages } = delivery
    const body = JSON.stringify({ id, key, title: deliveryTitle(delivery), messages })
    const timestamp = String(Math.floor(Date.now() / 1000))
    const signed =
      secretFrom === undefined
        ? {}
        : {
            'webhook-signature': webhookSignature(
              channelSecret(secretFrom, channel, 'secretFrom', 'the secret that signs deliveries'),
              { id, timestamp, body },
            ),
          }
    await postJson(channelUrl(urlFrom, channel), body, { 'webhook-id': id, 'webhook-timestamp': timestamp, ...signed })
  },
}

/** `v1,` and the HMAC-SHA256 of `id.timestamp.body` in base64. A secret that begins with `whsec_` is base64 behind it. */
export function webhookSignature(
  secret: string,
  { id, timestamp, body }: { readonly id: string; readonly timestamp: string; readonly body: string },
): string {
  const key = secret.startsWith('whsec_') ? Buffer.from(secret.slice(6), 'base64') : Buffer.from(secret, 'utf8')
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`
}
