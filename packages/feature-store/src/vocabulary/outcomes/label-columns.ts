import type { LabelPlan } from '../../plan/label-plan.ts'

/** The columns that a label adds to a training set: what follows its name in each. */
export function labelSuffixes({ steps, aggregate }: Pick<LabelPlan, 'steps' | 'aggregate'>): readonly string[] {
  if (aggregate.function === 'timeTo') return ['', '_observed']
  return steps === undefined ? [''] : Array.from({ length: steps }, (_, i) => `_${i + 1}`)
}
