import { duckDbLeaves, type ColumnType } from '@martlet/warehouse'
import { expect, test } from 'vitest'
import { aggregates } from '../../src/vocabulary/aggregates/list.ts'
import { newestAge } from '../../src/vocabulary/aggregates/newest-age.ts'
import { TermSet } from '../../src/vocabulary/algebra/terms.ts'
import { WindowMoments } from '../../src/vocabulary/algebra/window-moments.ts'

const types: readonly ColumnType[] = ['double', 'bigint', { decimal: [12, 2] }]
const spans = [
  { width: null, shift: 0 },
  { width: 7, shift: 0 },
  { width: 2, shift: 3 },
]

// Stored tiles hold what `needs` names, so a moment that is asked for beside it would be missing there.
test.each([...aggregates, newestAge].map((kind) => [kind.name, kind] as const))(
  '%s needs the moments that its value and its doubt ask for, and no others',
  (_, { merged, rounding }) => {
    if (merged?.by !== 'moments') return
    for (const type of types)
      for (const span of spans) {
        const terms = new TermSet()
        const input = terms.input('x', null, type)
        const window = new WindowMoments(duckDbLeaves, terms, input, span, 1)
        merged.value(window)
        if (rounding?.applies(type) === true) merged.doubt?.(window)
        const asked = new Set(terms.terms.map(({ moment }) => moment.kind))
        expect(new Set(merged.needs({ type, span }))).toEqual(asked)
      }
  },
)
