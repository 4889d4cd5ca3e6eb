import type { AlertDelivery } from '@martlet/drift'
import type { z } from 'zod'

/** A way to tell somebody: one file, and an entry in `list.ts`. */
export interface AlertChannel<Name extends string, Config> {
  /** The key that chooses it: `alerts: { channels: { ops: { <name>: … } } }`. */
  readonly name: Name
  readonly schema: z.ZodType
  /**
   * Delivers once; it is called again later when it fails.
   * @returns what is to be said of a delivery that did not reach all, without addresses and secrets
   * @throws ChannelFailure when it was not delivered
   * @throws MartletError when the configuration or the environment lacks something
   */
  send(delivery: AlertDelivery, config: Config, place: ChannelPlace): Promise<string | void>
}

export interface ChannelPlace {
  /** The name of the channel in the configuration. */
  readonly channel: string
  /** The folder of the configuration. */
  readonly folder: string
}

/** A delivery that failed. The message holds neither an address nor a secret. */
export class ChannelFailure extends Error {
  /** Whether to try again at once: the receiver may be there in a second. */
  readonly soon: boolean
  /** For how long the receiver asked not to be called, milliseconds; 0: it did not say. */
  readonly after: number

  constructor(message: string, { soon, after = 0 }: { readonly soon: boolean; readonly after?: number }) {
    super(message)
    this.soon = soon
    this.after = after
  }
}
