import type { ViewDiff } from '@martlet/feature-store'
import type { Affected } from './affected.ts'

/** What happens to one view. */
export type ViewChange =
  | { readonly view: string; readonly kind: 'compared'; readonly diff: ViewDiff }
  /** Only one side has it. */
  | { readonly view: string; readonly kind: 'new' | 'gone'; readonly features: readonly string[] }
  /** The same plan on both sides: nothing is computed. */
  | { readonly view: string; readonly kind: 'same definition' }
  | {
      readonly view: string
      readonly kind: 'failed'
      readonly error: { readonly code: string; readonly message: string }
    }

/** The present definitions of a project against others. */
export interface ProjectDiff {
  /** What they are compared with. */
  readonly against: string
  readonly views: readonly ViewChange[]
  /** How many views have the same plan. */
  readonly unchanged: number
  readonly affected: Affected
}

/** Whether a row or value of a view is another one. */
export function changesValues(change: ViewChange): boolean {
  switch (change.kind) {
    case 'compared':
      return change.diff.outcome !== 'same'
    case 'new':
    case 'gone':
      return true
    case 'same definition':
    case 'failed':
      return false
  }
}
