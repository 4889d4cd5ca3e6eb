import { z } from 'zod'
import { sql } from '@martlet/warehouse'
import type { AnchorPlan } from '../../plan/anchor-plan.ts'
import { anchorCore, anchorReads, anchorSchema, anchorWords } from '../sources/anchor.ts'
import { edgesOf, type WindowKind } from './window-kind.ts'

/** From the newest anchor before T, its own moment included, to T. */
export interface SinceWindow {
  readonly kind: 'since'
  readonly anchor: AnchorPlan
  /** What counts before the first anchor: no window, so that every value is null, or everything. */
  readonly otherwise: 'none' | 'lifetime'
}

export const since: WindowKind<SinceWindow> = {
  kind: 'since',
  fields: { anchor: anchorSchema, otherwise: z.literal(['none', 'lifetime']) },
  words: ({ anchor, otherwise }) =>
    `since the newest ${anchorWords(anchor)}${otherwise === 'lifetime' ? ', or over its lifetime' : ''}`,
  reach: () => null,
  inside: ({ otherwise }, event, point) => {
    const [anchor] = edgesOf(point, 1)
    const inside = sql`${event.us} >= ${anchor}`
    return otherwise === 'none' ? inside : sql`(${anchor} IS NULL OR ${inside})`
  },
  bounds: (_, point) => ({ from: edgesOf(point, 1)[0], to: point.us }),
  anchor: (window) => window.anchor,
  missing: ({ otherwise }, point) => (otherwise === 'none' ? sql`(${edgesOf(point, 1)[0]} IS NULL)` : undefined),
  reads: ({ anchor }) => anchorReads(anchor),
  core: (window, sourceCore) => ({ ...window, anchor: anchorCore(window.anchor, sourceCore) }),
}
