import type * as channels from '../channel/list.ts'
import type { AlertChannel } from '../channel/channel.ts'

type Channels = typeof channels

/** One way to tell somebody, by the key that chooses it: `{ slack: { urlFrom: 'SLACK_URL' } }`. */
export type ChannelConfig = {
  [Kind in keyof Channels]: Channels[Kind] extends AlertChannel<infer Name, infer Config>
    ? { readonly [Key in Name]: Config } & { readonly [Other in Exclude<keyof Channels, Kind>]?: never }
    : never
}[keyof Channels]

/** Who is told of what alerts, and of schedules that fail. */
export interface AlertsConfig {
  /** Who is told of slots of schedules that failed, and of the first one that succeeds afterwards. */
  readonly webhook?: {
    /** The environment variable that holds the URL, which may be a secret. */
    readonly urlFrom: string
    /** How long one attempt may take. @default '10s' */
    readonly timeout?: string
  }
  /** Ways to tell somebody, by names that monitors give. */
  readonly channels?: Readonly<Record<string, ChannelConfig>>
  /** The channels that are told when checks of a view or label find errors. @default none */
  readonly quality?: readonly string[]
  /** The channels that are told when a view is late or its facts are stale. @default none */
  readonly freshness?: readonly string[]
  /** Where the folder of reports is served, such as `https://reports.example.com/drift`. @default messages have no link */
  readonly reportUrl?: string
  /** Of each channel: so many deliveries in so long a time; the rest waits. @default 20 in '1h' */
  readonly rateLimit?: { readonly deliveries: number; readonly per: string }
  /** From so many waiting messages on, a channel gets one digest of them. @default 5 */
  readonly digestFrom?: number
  /** After how long somebody is told again of what still alerts. @default never */
  readonly remindAfter?: string
}
