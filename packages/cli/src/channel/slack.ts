import { deliveryLines, deliveryReport, deliveryTitle, type AlertDelivery } from '@martlet/drift/alerts'
import { z } from 'zod'
import { variable } from '../place/environment.ts'
import type { AlertChannel } from './channel.ts'
import { channelUrl, postJson } from './post-json.ts'

export interface SlackChannelConfig {
  /** The environment variable that holds the URL of an incoming webhook, of Slack or of something that reads the same. */
  readonly urlFrom: string
}

/** Slack takes 3,000 characters in a section, and 150 in a header. */
const SECTION = 2900
const HEADER = 150
const MESSAGES = 20

/** Posts to an incoming webhook of Slack, in blocks, with the title as the text of notifications. */
export const slack: AlertChannel<'slack', SlackChannelConfig> = {
  name: 'slack',
  schema: z.strictObject({ urlFrom: variable }),
  send: async (delivery, { urlFrom }, { channel }) =>
    postJson(channelUrl(urlFrom, channel), JSON.stringify(slackBody(delivery))),
}

/** The JSON that Slack reads. */
export function slackBody(delivery: AlertDelivery): object {
  const title = deliveryTitle(delivery)
  const report = deliveryReport(delivery)
  const text = cut(escaped(deliveryLines(delivery, MESSAGES).join('\n')), SECTION)
  return {
    text: escaped(title),
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: cut(title, HEADER) } },
      // Otherwise Slack looks for links and mentions in what is plain text here.
      { type: 'section', text: { type: 'mrkdwn', text, verbatim: true } },
      ...(report === null
        ? []
        : [
            {
              type: 'section',
              text: { type: 'mrkdwn', text: `<${escaped(report).replaceAll('|', '%7C')}|Open the report>` },
            },
          ]),
      { type: 'context', elements: [{ type: 'plain_text', text: `Martlet ${delivery.id}` }] },
    ],
  }
}

/** At most so many characters, without the half of one or of an escape at the end. */
function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1).replace(/[\uD800-\uDBFF]$|&[a-z]{0,3}$/, '')}…`
}

/** The three characters that mean something in texts of Slack. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
