import type { Micros } from '../plan/feature-plan.ts'
import { type ViewPlan } from '../plan/view-plan.ts'

/** Something that a definition may say but that is seldom intended. */
export interface DefinitionWarning {
  readonly code: 'NO_TTL'
  readonly view: string
  /** What happens, and what to write instead. */
  readonly message: string
}

/** The warnings about a view: without `ttl` it serves rows of any age. Calendars and continuous views need none. */
export function viewWarnings(view: ViewPlan): readonly DefinitionWarning[] {
  const { name, source, ttl, delay, grid } = view
  if (source === null || ttl !== null || grid.every === 'continuous') return []
  const message =
    `view ${name} has no ttl: rows of any age are served, even when it has not been materialized for a long time. ` +
    `Write ttl: '${written(delay + 2 * grid.every)}' in its definition, or longer; ` +
    `the least is delay + every, '${written(delay + grid.every)}'.`
  return [{ code: 'NO_TTL', view: name, message }]
}

const MINUTE = 60_000_000
const UNITS: readonly (readonly [unit: string, micros: Micros])[] = [
  ['d', 1440 * MINUTE],
  ['h', 60 * MINUTE],
]

/** A duration as definitions write it: whole days or hours, else minutes. */
function written(micros: Micros): string {
  const [unit, size] = UNITS.find(([, one]) => micros % one === 0) ?? ['m', MINUTE]
  return `${micros / size}${unit}`
}
