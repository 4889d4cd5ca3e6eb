import {
  deliveryLines,
  deliveryReport,
  deliverySeverity,
  deliveryTitle,
  type AlertDelivery,
} from '@martlet/drift/alerts'
import { z } from 'zod'
import { variable } from '../place/environment.ts'
import type { AlertChannel } from './channel.ts'
import { channelUrl, postJson } from './post-json.ts'

export interface TeamsChannelConfig {
  /** The environment variable that holds the URL of a workflow that posts cards to a channel. */
  readonly urlFrom: string
}

/** Teams refuses more than 28 kB. The lines get 20,000 bytes in equal shares, and each at most 600 characters. */
const MESSAGES = 20
const LINE = 600
const LINES_BYTES = 20_000
const TITLE_BYTES = 900

/** Posts an adaptive card to a workflow of Microsoft Teams. */
export const teams: AlertChannel<'teams', TeamsChannelConfig> = {
  name: 'teams',
  schema: z.strictObject({ urlFrom: variable }),
  send: async (delivery, { urlFrom }, { channel }) =>
    postJson(channelUrl(urlFrom, channel), JSON.stringify(teamsBody(delivery))),
}

/** The JSON that Teams reads. */
export function teamsBody(delivery: AlertDelivery): object {
  const report = deliveryReport(delivery)
  const colours = { crit: 'Attention', warn: 'Warning', info: 'Default', none: 'Good' } as const
  const block = (text: string, more: object = {}): object => ({ type: 'TextBlock', text, wrap: true, ...more })
  const lines = deliveryLines(delivery, MESSAGES)
  const content = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    body: [
      block(fitting(deliveryTitle(delivery), TITLE_BYTES), {
        size: 'Large',
        weight: 'Bolder',
        color: colours[deliverySeverity(delivery)],
      }),
      ...lines.map((line) => block(fitting(line, LINES_BYTES / lines.length))),
      block(`Martlet ${delivery.id}`, { size: 'Small', isSubtle: true }),
    ],
    ...(report === null ? {} : { actions: [{ type: 'Action.OpenUrl', title: 'Open the report', url: report }] }),
  }
  return {
    type: 'message',
    attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content }],
  }
}

/** As much of a text as has so few bytes in JSON. */
function fitting(text: string, bytes: number): string {
  const start = text.slice(0, 2 * LINE)
  const characters = [...start]
  let kept = Math.min(characters.length, LINE)
  const shown = (): string => plain(characters.slice(0, kept).join(''))
  while (kept > 0 && Buffer.byteLength(JSON.stringify(shown())) > bytes) kept = Math.floor(kept * 0.9)
  return shown()
}

/** Without the characters that make Markdown in a card: names of columns have `_` and `*`. */
function plain(text: string): string {
  return text.replaceAll(/[\\`*_[\]<>]/g, (sign) => `\\${sign}`)
}
