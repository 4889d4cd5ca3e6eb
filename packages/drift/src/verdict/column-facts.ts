import { TOP_VALUES } from '../profile/category-profile.ts'
import type { ColumnProfile, ReferenceProfile } from '../profile/reference-profile.ts'
import { referenceRows } from './present-rows.ts'
import type { ColumnFacts } from './result.ts'
import { shortened } from './shown-value.ts'

/** What a column's cells are, and what the reference has in them. */
export function columnFacts(profile: ReferenceProfile, column: ColumnProfile): ColumnFacts {
  const { name, type, kind, role, importance } = column
  const { rows, nulls } = referenceRows(profile, column)
  const nullRate = rows === 0 ? 0 : nulls / rows
  const facts: ColumnFacts = {
    name,
    type,
    kind,
    role,
    importance,
    edges: [],
    labels: [],
    reference: [],
    nullRate,
    origin: null,
  }
  switch (column.kind) {
    case 'number':
      return { ...facts, edges: column.edges, reference: column.counts, origin: column.origin }
    case 'category': {
      const shown = column.top.slice(0, TOP_VALUES)
      const other = column.beyond + column.rest.reduce((sum, { count }) => sum + count, 0)
      return {
        ...facts,
        labels: [...shown.map(({ value }) => shortened(value)), '(other)', '(unseen)'],
        reference: [...shown.map(({ count }) => count), other, 0],
      }
    }
    case 'time':
      return facts
  }
}
