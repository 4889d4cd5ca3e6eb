import { coarserForm } from '../count/instant-sql.ts'
import { byCount, TOP_VALUES } from './category-profile.ts'
import type { ReferencePieces } from './pieces.ts'
import type { CategoryProfile, ColumnProfile, ReferenceProfile } from './reference-profile.ts'

/** The column with forms of instants told apart from the unit `finest` on only; other columns as they are. */
export function withCoarserForms(column: ColumnProfile, finest: number): ColumnProfile {
  return isMerged(column, finest) ? merged(column, finest) : column
}

/** A profile and its pieces, both with forms told apart from the unit `finest` on only. */
export function piecesWithCoarserForms(
  profile: ReferenceProfile,
  pieces: ReferencePieces,
  finest: number,
): { readonly profile: ReferenceProfile; readonly pieces: ReferencePieces } {
  const forms = profile.columns.filter((column) => isMerged(column, finest))
  if (forms.length === 0) return { profile, pieces }
  const counted = forms.flatMap((column) => {
    const own = pieces.columns[column.name]
    if (own === undefined || !('present' in own)) return []
    const names = valuesOf(column).map(({ value }) => coarserForm(value, finest))
    const values = valuesOf(merged(column, finest)).map(({ value }) => value)
    const counts = own.counts.map((piece) =>
      values.map((value) => names.reduce((sum, name, at) => (name === value ? sum + (piece[at] ?? 0) : sum), 0)),
    )
    return [[column.name, { ...own, counts }] as const]
  })
  return {
    profile: { ...profile, columns: profile.columns.map((column) => withCoarserForms(column, finest)) },
    pieces: { ...pieces, columns: { ...pieces.columns, ...Object.fromEntries(counted) } },
  }
}

function isMerged(column: ColumnProfile, finest: number): column is CategoryProfile {
  return finest > 0 && column.kind === 'category' && column.derived?.as === 'form'
}

function merged(column: CategoryProfile, finest: number): CategoryProfile {
  const counts = new Map<string, number>()
  for (const { value, count } of valuesOf(column)) {
    const form = coarserForm(value, finest)
    counts.set(form, (counts.get(form) ?? 0) + count)
  }
  const values = [...counts].map(([value, count]) => ({ value, count })).toSorted(byCount)
  return { ...column, top: values.slice(0, TOP_VALUES), rest: values.slice(TOP_VALUES), distinct: values.length }
}

function valuesOf({ top, rest }: CategoryProfile): CategoryProfile['top'] {
  return [...top, ...rest]
}
