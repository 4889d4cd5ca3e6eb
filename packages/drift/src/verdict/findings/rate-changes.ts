import { benjaminiHochberg } from '../../statistics/benjamini-hochberg.ts'
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
}

/**
 * Shares that changed by at least their floor and beyond chance, tested together: the exact test of two shares, which is right
 * for a handful of hits too, then Benjamini-Hochberg over all columns.
 */
export function rateChanges(
  kind: FindingKind,
  rates: readonly Rate[],
  floor: Floor,
  alpha: number,
  sentence: (rate: Rate, from: number, to: number) => string,
): readonly Finding[] {
  const testable = rates.filter(({ rows, currentRows }) => rows > 0 && currentRows > 0)
  const tests = testable.map(({ hits, rows, currentHits, currentRows }) =>
    exactProportions(hits, rows, currentHits, currentRows),
  )
  const qs = benjaminiHochberg(tests.map(({ p }) => p))
  return testable.flatMap((rate, index): readonly Finding[] => {
    const q = qs[index] ?? 1
    const severity = bySize(Math.abs(tests[index]?.difference ?? 0), floor)
    if (severity === 'none' || q >= alpha) return []
    const from = rate.hits / rate.rows
    const to = rate.currentHits / rate.currentRows
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
