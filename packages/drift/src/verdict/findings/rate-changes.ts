import { benjaminiHochberg } from '../../statistics/benjamini-hochberg.ts'
import {
  INDEPENDENT,
  dependentLogP,
  effectiveRows,
  isIndependent,
  type Dependence,
  type WorthOf,
} from '../../compare/dependence.ts'
import { exactProportions } from '../../statistics/exact-proportions.ts'
import type { Floor } from '../../compare/floor.ts'
import type { Finding, FindingKind } from '../result.ts'
import { bySize } from '../severity.ts'
import { significant } from '../stable-number.ts'

/** A share of rows in the reference and now. */
export interface Rate {
  readonly column: string
  readonly hits: number
  readonly rows: number
  readonly currentHits: number
  readonly currentRows: number
  /** What rows are worth, as to what is counted; rows count as independent where it is not given. */
  readonly worth?: Dependence
  readonly of?: WorthOf
}

/**
 * Shares that changed by at least their floor and beyond chance, tested together: the exact test of two shares, which is right
 * for a handful of hits too, then Benjamini-Hochberg over all columns.
 */
export function rateChanges<R extends Rate>(
  kind: FindingKind,
  rates: readonly R[],
  floor: Floor | ((column: string) => Floor),
  alpha: number,
  sentence: (rate: R, from: number, to: number) => string,
): readonly Finding[] {
  const testable = rates.filter(({ rows, currentRows }) => rows > 0 && currentRows > 0)
  const qs = benjaminiHochberg(testable.map(chanceOf))
  return testable.flatMap((rate, index): readonly Finding[] => {
    const q = qs[index] ?? 1
    const from = rate.hits / rate.rows
    const to = rate.currentHits / rate.currentRows
    const severity = bySize(Math.abs(to - from), typeof floor === 'function' ? floor(rate.column) : floor)
    if (severity === 'none' || q >= alpha) return []
    return [
      {
        kind,
        column: rate.column,
        severity,
        sentence: sentence(rate, from, to),
        reference: significant(from, 12),
        current: significant(to, 12),
        q: significant(q, 12),
      },
    ]
  })
}

/** The chance of such a change; counts of dependent rows are scaled to as many independent ones. */
function chanceOf({ hits, rows, currentHits, currentRows, worth = INDEPENDENT, of = 'nulls' }: Rate): number {
  if (isIndependent(worth)) return exactProportions(hits, rows, currentHits, currentRows).p
  const n = Math.max(1, Math.round(effectiveRows(rows, worth.reference, of)))
  const m = Math.max(1, Math.round(effectiveRows(currentRows, worth.current, of)))
  const test = exactProportions(Math.round((hits / rows) * n), n, Math.round((currentHits / currentRows) * m), m)
  return Math.exp(dependentLogP(test.logP, worth, of, rows, currentRows))
}
