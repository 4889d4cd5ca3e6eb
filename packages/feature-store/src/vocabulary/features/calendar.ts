import { z } from 'zod'
import { sql, type Leaves, type Sql } from '@martlet/warehouse'
import type { FeaturePlan } from '../../plan/feature-plan.ts'
import type { RowKind } from './feature-kind.ts'

export type CalendarPart =
  | 'year'
  | 'quarter'
  | 'month'
  | 'week'
  | 'dayOfYear'
  | 'dayOfMonth'
  | 'dayOfWeek'
  | 'hour'
  | 'isWeekend'

/** A part of T in the view's zone; weeks are ISO's, and dayOfWeek is 1 on Monday. */
export interface CalendarFeature extends FeaturePlan {
  readonly kind: 'calendar'
  readonly part: CalendarPart
}

const parts: Readonly<Record<CalendarPart, (leaves: Leaves, local: Sql) => Sql>> = {
  year: (leaves, local) => leaves.datePart('year', local),
  quarter: (leaves, local) => leaves.datePart('quarter', local),
  month: (leaves, local) => leaves.datePart('month', local),
  week: (leaves, local) => leaves.datePart('isoWeek', local),
  dayOfYear: (leaves, local) => leaves.datePart('dayOfYear', local),
  dayOfMonth: (leaves, local) => leaves.datePart('dayOfMonth', local),
  dayOfWeek: (leaves, local) => leaves.datePart('isoDayOfWeek', local),
  hour: (leaves, local) => leaves.datePart('hour', local),
  isWeekend: (leaves, local) => sql`(${leaves.datePart('isoDayOfWeek', local)} >= 6)`,
}

export const calendarParts: readonly string[] = Object.keys(parts)

export const calendar: RowKind<CalendarFeature> = {
  kind: 'calendar',
  stage: 'row',
  clock: true,
  fields: { part: z.literal(calendarParts) },
  words: ({ part }) => `${part} of the feature time`,
  reads: () => [],
  value: ({ part }, { leaves, t, zone }) => {
    const utc = leaves.fromEpochMicros(t)
    return parts[part](leaves, zone === 'UTC' ? utc : leaves.toLocal(utc, zone))
  },
}
