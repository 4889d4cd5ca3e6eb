import type { WindowPlan } from '../../plan/feature-plan.ts'
import { along } from './along.ts'
import { calendar } from './calendar.ts'
import { lifetime } from './lifetime.ts'
import { open } from './open.ts'
import { rows } from './rows.ts'
import { since } from './since.ts'
import { stepped } from './stepped.ts'
import { time } from './time.ts'
import { toDate } from './to-date.ts'
import type { WindowKind } from './window-kind.ts'

/** Every kind of window that an aggregate can be taken over. */
export const windows: readonly WindowKind[] = [time, rows, lifetime, calendar, toDate, since, along, open, stepped]

const byKind = new Map(windows.map((one) => [one.kind, one]))

export function windowKind({ kind }: WindowPlan): WindowKind {
  const found = byKind.get(kind)
  if (found === undefined) throw new Error(`there is no window of kind ${kind}`)
  return found
}
