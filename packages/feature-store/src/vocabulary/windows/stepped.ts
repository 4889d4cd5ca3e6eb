import { z } from 'zod'
import { sql, type Sql } from '@martlet/warehouse'
import type { Micros } from '../../plan/feature-plan.ts'
import { durationText } from '../../plan/time/duration-text.ts'
import { integer } from '../algebra/integer.ts'
import type { WindowKind, WindowPoint } from './window-kind.ts'

/** `[floor((T - length) / hop) · hop, T)`, the window of a continuous view: its start moves in steps, its end is exact. */
export interface SteppedWindow {
  readonly kind: 'stepped'
  readonly length: Micros
  readonly hop: Micros
}

export const stepped: WindowKind<SteppedWindow> = {
  kind: 'stepped',
  fields: { length: z.number(), hop: z.number() },
  words: ({ length, hop }) => `over ${durationText(length)} in steps of ${durationText(hop)}`,
  reach: ({ length, hop }) => length + hop,
  inside: (window, event, point) => sql`${event.us} >= ${beginOf(window, point)}`,
  bounds: (window, point) => ({ from: beginOf(window, point), to: point.us }),
  span: ({ length, hop }, grain) => ({ width: length / grain, shift: 0, hop: hop / grain }),
}

function beginOf({ length, hop }: SteppedWindow, { us, leaves }: WindowPoint): Sql {
  return sql`${leaves.floorDivide(sql`${us} - ${integer(length)}`, hop)} * ${integer(hop)}`
}
