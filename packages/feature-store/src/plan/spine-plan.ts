import type { Expression } from './expression.ts'
import type { Micros } from './feature-plan.ts'
import type { DimensionPlan, EntityPlan, FactPlan } from './source-plan.ts'
import type { ViewPlan } from './view-plan.ts'

/** A row for everybody in a population at every time of a grid. */
export interface GridSpinePlan {
  readonly kind: 'everyGrid'
  readonly population: DimensionPopulation | ViewPopulation
  readonly every: Micros
  /** The IANA zone of the grid. */
  readonly zone: string
  /** How long after each time of the grid the rows are. */
  readonly after: Micros
  /** The first and the last moment (exclusively) that rows may have, µs. */
  readonly from: bigint
  readonly to: bigint
}

/** Whoever a dimension has at the time of the row. */
export interface DimensionPopulation {
  readonly of: 'dimension'
  readonly dimension: DimensionPlan
}

/** Whoever a view would serve a row of at the time of the row. */
export interface ViewPopulation {
  readonly of: 'view'
  readonly view: ViewPlan
}

/** A row before each event of a fact. */
export interface EventSpinePlan {
  readonly kind: 'whenever'
  readonly fact: FactPlan
  /** The keys of the rows; of several entities, those of all of them. */
  readonly entity: EntityPlan
  readonly where: Expression | null
  readonly before: Micros
  /** Columns of the events that the rows have too. */
  readonly columns: readonly string[]
}

/** A spine that the warehouse makes. */
export type SpinePlan = GridSpinePlan | EventSpinePlan

export function spineEntity(plan: SpinePlan): EntityPlan {
  if (plan.kind === 'whenever') return plan.entity
  const { population } = plan
  return population.of === 'view' ? population.view.entity : population.dimension.entity
}
