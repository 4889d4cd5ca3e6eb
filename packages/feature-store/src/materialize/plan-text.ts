import { shortInstant } from '../catalog/instant.ts'
import { writerOf } from './writers/writer-of.ts'
import type { MaterializationPlan, PlannedView } from './plan-materialization.ts'

/** A plan as text for people: what each view has to do and why, one line per view. */
export function materializationPlanText(plan: MaterializationPlan): string {
  const width = Math.max(0, ...plan.views.map(({ view }) => view.name.length))
  return plan.views.map((planned) => `${planned.view.name.padEnd(width)}  ${workText(planned)}`).join('\n')
}

function workText({ view, work, instants, estimatedRows, choice }: PlannedView): string {
  switch (work.action) {
    case 'nothing':
      return `nothing to do: ${work.reason}`
    case 'publish':
      return `publish only: ${work.reason}`
    default: {
      const range = `${shortInstant(work.start)} to ${shortInstant(work.to)}`
      if (!writerOf(view).ownTable) return `publish rows of ${view.source?.table} from ${range}: ${work.reason}`
      const by = choice === undefined ? '' : `; by ${choice.reason}`
      return `${work.action} ${range}, ${countText(instants)} instants, about ${countText(estimatedRows)} rows: ${work.reason}${by}`
    }
  }
}

/** `950`, `12.3k`, `4.5M`. */
export function countText(count: number): string {
  for (const [unit, size] of [
    ['G', 1e9],
    ['M', 1e6],
    ['k', 1e3],
  ] as const) {
    if (count >= size) return `${(count / size).toFixed(count >= size * 100 ? 0 : 1)}${unit}`
  }
  return String(Math.round(count))
}
