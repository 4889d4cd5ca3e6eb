import type { LabelPlan } from '../../plan/label-plan.ts'

/** The columns that a label adds to a training set: what follows its name in each. */
export function labelSuffixes({ steps }: Pick<LabelPlan, 'steps'>): readonly string[] {
  return steps === undefined ? [''] : Array.from({ length: steps }, (_, i) => `_${i + 1}`)
}
