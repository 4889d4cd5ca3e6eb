import { isContinuous, type ViewPlan } from '../../plan/view-plan.ts'
import { passedThroughOf } from '../../vocabulary/sources/list.ts'
import { computed } from './computed.ts'
import { continuous } from './continuous.ts'
import { passedThrough } from './passed-through.ts'
import type { RowWriter } from './row-writer.ts'

/** The writer of a view's rows, which depends on the kind of its source. */
export function writerOf(view: Pick<ViewPlan, 'source' | 'grid'>): RowWriter {
  if (isContinuous(view)) return continuous
  const { source } = view
  return passedThroughOf(source) === undefined ? computed : passedThrough
}
