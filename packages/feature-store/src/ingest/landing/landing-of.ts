import type { IngestPlan } from '../../plan/ingest-plan.ts'
import { formatOf } from '../formats/list.ts'
import type { Landing } from './landing.ts'
import { rowLanding } from './row-landing.ts'

/** What becomes of a source's events: what its format says, or rows of its table. */
export function landingOf(plan: IngestPlan): Landing {
  return formatOf(plan)?.landing?.(plan) ?? rowLanding(plan)
}
