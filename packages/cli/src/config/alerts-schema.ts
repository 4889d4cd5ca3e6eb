import { z } from 'zod'
import * as channels from '../channel/list.ts'
import { length } from '../length-of-time.ts'
import { variable } from '../place/environment.ts'

const kinds: Readonly<Record<string, { readonly schema: z.ZodType }>> = channels
const named = z.string().regex(/^[A-Za-z_][A-Za-z0-9_-]*$/, 'must be a name: letters, digits, _ and -')

const channel = z
  .strictObject(Object.fromEntries(Object.entries(kinds).map(([kind, { schema }]) => [kind, schema.optional()])))
  .refine((given) => Object.values(given).filter((value) => value !== undefined).length === 1, {
    error: `must have exactly one of ${Object.keys(kinds).join(', ')}`,
  })

/** The names of channels that something is told through. */
export const channelNames: z.ZodType<readonly string[]> = z.array(z.string()).min(1)

const schema = z.strictObject({
  webhook: z.strictObject({ urlFrom: variable, timeout: length.optional() }).optional(),
  channels: z.record(named, channel).optional(),
  quality: channelNames.optional(),
  freshness: channelNames.optional(),
  reportUrl: z.url({ protocol: /^https?$/ }).optional(),
  rateLimit: z.strictObject({ deliveries: z.number().int().positive(), per: length }).optional(),
  digestFrom: z.number().int().min(2).optional(),
  remindAfter: length.optional(),
})

/** `alerts` in a configuration. */
export const alertsSchema: z.ZodType = schema

interface Named {
  readonly alerts?: unknown
  readonly monitors?: readonly { readonly alert?: readonly string[] | undefined }[] | undefined
}

/** Names of channels that the configuration does not have, a line each. */
export function unknownChannels({ alerts, monitors = [] }: Named): readonly string[] {
  const { channels: known = {}, quality = [], freshness = [] } = schema.parse(alerts ?? {})
  const given = [
    ...quality.map((name, at) => [`alerts.quality[${at}]`, name] as const),
    ...freshness.map((name, at) => [`alerts.freshness[${at}]`, name] as const),
    ...monitors.flatMap(({ alert = [] }, monitor) =>
      alert.map((name, at) => [`monitors[${monitor}].alert[${at}]`, name] as const),
    ),
  ]
  const names = Object.keys(known).join(', ') || 'none'
  return given.flatMap(([key, name]) =>
    Object.hasOwn(known, name)
      ? []
      : [`${key}: there is no channel ${JSON.stringify(name)} among alerts.channels, which has ${names}`],
  )
}
