import type { ServicePlan } from '@martlet/feature-store'
import { calendarColumns } from '../profile/calendar-columns.ts'
import type { ReferenceProfile } from '../profile/reference-profile.ts'
import type { CurrentRows } from './current-rows.ts'

/** The profile with a mark on the columns that follow from the clock by these definitions. */
export function withCalendar(profile: ReferenceProfile, definitions: ServicePlan | undefined): ReferenceProfile {
  if (definitions === undefined) return profile
  const names = new Set(calendarColumns(definitions))
  const columns = profile.columns.map((column) => (names.has(column.name) ? { ...column, calendar: true } : column))
  return { ...profile, columns }
}

/** From the time of a row to an instant at which it is the newest one, µs: rows of feature tables have the feature time. */
export function delayOf(current: CurrentRows, definitions: ServicePlan | undefined): number {
  if (!('featureTable' in current) || definitions === undefined) return 0
  return definitions.views.find(({ view, as }) => (as ?? view.name) === current.view)?.view.delay ?? 0
}
