import { performanceWords } from '../verdict/performance-words.ts'
import type { WindowResult } from '../verdict/result.ts'
import { brief } from '../verdict/wording.ts'
import { span } from './words.ts'

/** Estimated performance by window, as texts. */
export interface EstimateTable {
  readonly metrics: readonly string[]
  /** Newest first, then the reference. */
  readonly rows: readonly { readonly window: string; readonly cells: readonly string[] }[]
  /** What the newest estimate says, and why it may be wrong. */
  readonly notes: readonly string[]
}

/** The estimates of a run; null when it has none. */
export function estimateTable(windows: readonly WindowResult[]): EstimateTable | null {
  const estimates = windows.flatMap(({ estimate }) => (estimate === undefined ? [] : [estimate])).toReversed()
  const [newest] = estimates
  if (newest === undefined) return null
  const known = estimates.find(({ metrics }) => metrics.length > 0)?.metrics ?? []
  const rows = estimates.map(({ from, to, metrics }) => ({
    window: span(from, to),
    cells: known.map(({ metric }) => {
      const found = metrics.find((one) => one.metric === metric)
      if (found === undefined || found.value === null) return 'unknown'
      const band = `${brief(found.value)} (${brief(found.low ?? 0)} to ${brief(found.high ?? 0)})`
      return found.realised === null ? band : `${band}, by labels ${brief(found.realised)}`
    }),
  }))
  const reference = known.map(({ reference: value }) => (value === null ? 'unknown' : brief(value)))
  return {
    metrics: known.map(({ metric }) => performanceWords[metric]),
    rows: known.length === 0 ? rows : [...rows, { window: 'reference', cells: reference }],
    notes: [...new Set([newest.sentence, ...newest.reasons, newest.assumption.sentence])],
  }
}
