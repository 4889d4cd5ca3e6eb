import { z } from 'zod'
import { sql } from '@martlet/warehouse'
import type { Micros } from '../../plan/feature-plan.ts'
import { durationText } from '../../plan/time/duration-text.ts'
import { integer } from '../algebra/integer.ts'
import type { WindowKind } from './window-kind.ts'

/** `[T - shift - length, T - shift)` */
export interface TimeWindow {
  readonly kind: 'time'
  readonly length: Micros
  readonly shift: Micros
}

export const time: WindowKind<TimeWindow> = {
  kind: 'time',
  fields: { length: z.number(), shift: z.number() },
  words: ({ length, shift }) =>
    `over ${durationText(length)}${shift === 0 ? '' : ` shifted by ${durationText(shift)}`}`,
  reach: ({ length, shift }) => length + shift,
  inside: ({ length, shift }, event, { us: point }) => {
    const newest = shift === 0 ? sql`` : sql` AND ${event.us} < ${point} - ${integer(shift)}`
    return sql`${event.us} >= ${point} - ${integer(shift + length)}${newest}`
  },
  bounds: ({ length, shift }, { us: point }) => ({
    from: sql`${point} - ${integer(shift + length)}`,
    to: shift === 0 ? point : sql`${point} - ${integer(shift)}`,
  }),
  span: ({ length, shift }, grain) => ({ width: length / grain, shift: shift / grain }),
  lengths: ({ length, shift }) => [length, shift],
}
