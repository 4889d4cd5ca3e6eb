import { z } from 'zod'
import { sql } from '@martlet/warehouse'
import { integer } from '../algebra/integer.ts'
import type { WindowKind } from './window-kind.ts'

/** The events at which a meter stands less than `distance` below where it stands at the newest event before T. */
export interface AlongWindow {
  readonly kind: 'along'
  /** The column of the fact with the meter's readings. */
  readonly meter: string
  readonly distance: number
}

export const along: WindowKind<AlongWindow> = {
  kind: 'along',
  fields: { meter: z.string(), distance: z.number() },
  words: ({ meter, distance }) => `along the last ${distance} of ${meter}`,
  reach: () => null,
  inside: ({ distance }, event) => sql`${event.below} < ${integer(distance)}`,
  meter: ({ meter }) => meter,
  reads: ({ meter }) => [{ of: 'source', column: meter }],
}
