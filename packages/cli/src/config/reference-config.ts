import type { ReferenceChoice, Season } from '@martlet/drift'
import { z } from 'zod'

/** What a monitor compares its windows with, see `ReferenceChoice`. */
export type ReferenceConfig = ReferenceChoice

/** More windows say hardly more about their spread. */
const MOST_WINDOWS = 1000

const length = z.string().regex(/^\d+(\.\d+)?[mhdw]$/, "must be a length of time such as '28d'")
const season = z.enum(['weekday', 'hour', 'month'], { error: "must be 'weekday', 'hour' or 'month'" })

/** Seasons by which rows are counted or matched. */
const seasons = z
  .array(season)
  .min(1)
  .refine((given) => new Set(given).size === given.length, { error: 'names a season twice' })

const zone = z.string().refine(isZone, { error: "must be an IANA time zone such as 'Europe/Zurich'" })

/** A reference as it is written, before it is known to be one of the kinds. */
interface WrittenReference {
  readonly match?: readonly Season[] | undefined
  readonly zone?: string | undefined
  readonly trailing?: string | undefined
  readonly yearAgo?: true | 'date' | undefined
  readonly around?: number | undefined
  readonly windows?: number | undefined
  readonly every?: string | undefined
}

export const referenceSchema: z.ZodType<WrittenReference> = z
  .strictObject({
    match: seasons.optional(),
    zone: zone.optional(),
    trailing: length.optional(),
    yearAgo: z
      .union([z.literal(true), z.literal('date')], {
        error: "must be true (364 days: the same weekdays) or 'date' (the same dates)",
      })
      .optional(),
    around: z.number().int().min(0).max(MOST_WINDOWS).optional(),
    windows: z.number().int().min(1).max(MOST_WINDOWS).optional(),
    every: length.optional(),
  })
  .refine(
    ({ trailing, yearAgo, windows }) => [trailing, yearAgo, windows].filter((given) => given !== undefined).length <= 1,
    { error: 'is one of trailing, yearAgo and windows, or none of them for the stored profile' },
  )
  .refine(({ every, windows }) => every === undefined || windows !== undefined, {
    error: 'has every without windows; say how many windows',
  })
  .refine(({ around, yearAgo }) => around === undefined || yearAgo !== undefined, {
    error: 'has around without yearAgo; say which year ago',
  })
  .refine((given) => Object.values(given).some((value) => value !== undefined), {
    error: 'is empty; leave it out to compare with all of the stored profile',
  })

/** Whether a reference is measured from earlier rows rather than read from a profile. */
export function looksBack(given: {
  readonly trailing?: unknown
  readonly yearAgo?: unknown
  readonly windows?: unknown
}): boolean {
  return [given.trailing, given.yearAgo, given.windows].some((value) => value !== undefined)
}

/** How the profile of a training set is divided, beside being measured as a whole. */
export interface ProfileConfig {
  /** Parts of the local time by which rows are counted, for monitors with `reference: { match }`. */
  readonly seasons?: readonly Season[]
  /** The IANA zone by whose clock seasons are read. @default 'UTC' */
  readonly zone?: string
  /** The length of stretches from whose spread floors are learnt; as long as the monitor's windows. */
  readonly parts?: string
  /** A column of the training set by which its rows count, such as an exposure. @default each row counts as one */
  readonly weight?: string
}

export const profileSchema: z.ZodType = z.strictObject({
  seasons: seasons.optional(),
  zone: zone.optional(),
  parts: length.optional(),
  weight: z.string().optional(),
})

function isZone(text: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }) instanceof Intl.DateTimeFormat
  } catch {
    return false
  }
}
