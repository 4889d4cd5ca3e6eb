import fc from 'fast-check'
import { expect, test } from 'vitest'
import { drawsOf } from '../../../../warehouse/test/support/property.ts'
import type { Row } from '../row.ts'
import { aggregateAnswer } from './aggregate-answer.ts'
import { disagreement } from './agree.ts'
import { series, seriesNames } from './series.ts'
import { twoPasses } from './two-passes.ts'

/**
 * Nothing is asked of the product that careful code cannot give: two passes in doubles agree with the exact answer in
 * every window of every series, whatever the order of its values.
 */
const names = ['sum', 'mean', 'variance', 'stddev', 'slope', 'correlation']

test.each(seriesNames)('two passes over %s are right to nine digits', (name) => {
  fc.assert(
    fc.property(
      series[name],
      fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 20, maxLength: 20 }),
      fc.nat(),
      fc.nat(),
      (samples, ys, from, size) => {
        const start = from % (samples.length + 1)
        const window = samples.slice(start, start + (size % 12))
        if (window.length === 0) return
        const rows = window.map(({ at, x }, i): Row => ({ '~us': at, '~sequence': i, x, y: (ys[i] ?? 0) / 100 }))
        const values = window.map(({ x }) => x)
        const others = {
          slope: window.map(({ at }) => at),
          correlation: rows.map((row) => Number(row['y'])),
        }
        for (const one of names) {
          const expected = aggregateAnswer({ function: one, column: 'x', second: 'y', where: null }, rows)
          const actual = twoPasses(one, values, one === 'slope' ? others.slope : others.correlation)
          const wrong = disagreement(actual, expected)
          expect(wrong, `${one} of ${values.join(', ')}`).toBeUndefined()
        }
      },
    ),
    { numRuns: drawsOf(2_000) },
  )
})
