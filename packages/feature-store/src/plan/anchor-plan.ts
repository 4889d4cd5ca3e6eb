import type { Expression } from './expression.ts'
import type { EventsPlan } from './source-plan.ts'

/** The events of an entity that something is counted from, such as its services. */
export interface AnchorPlan {
  readonly name: string
  readonly fact: EventsPlan
  readonly where: Expression | null
}
