import type { ReferenceProfile } from '../profile/reference-profile.ts'
import { viewOf } from './relations.ts'
import type { Cause, ColumnResult } from './result.ts'

/** `table.column`, or a table with several columns. */
export function sourceWords({ table, columns }: NonNullable<Cause['source']>): string {
  const [only] = columns
  if (only === undefined) return table
  return columns.length === 1 ? `${table}.${only}` : `${table} (${columns.join(', ')})`
}

/**
 * The change of a source's one column, as the middle one of the changes of those that move with it (its sums, means, extremes);
 * null when there is no such column.
 */
export function levelMove(
  profile: Pick<ReferenceProfile, 'columns'>,
  group: readonly Pick<ColumnResult, 'name' | 'move'>[],
  source: Cause['source'],
): number | null {
  if (source === null || source.columns.length !== 1) return null
  const levels = new Set(
    profile.columns.flatMap(({ name, sources = [] }) => (sources.some(({ level }) => level === true) ? [name] : [])),
  )
  const moves = group
    .flatMap(({ name, move }) => (levels.has(name) && move?.relative != null ? [move.relative] : []))
    .toSorted((a, b) => a - b)
  return moves[(moves.length - 1) >> 1] ?? null
}

/** What all of the group's features are computed from: the columns that they share, of one table. */
export function sourceOf(profile: Pick<ReferenceProfile, 'columns'>, names: readonly string[]): Cause['source'] {
  const features = profile.columns.filter(({ name, role }) => names.includes(name) && role === 'feature')
  const [first, ...others] = features.map(({ sources = [] }) => sources)
  const shared = (first ?? []).flatMap(({ table, columns }) => {
    const tables = others.map((sources) => sources.find((source) => source.table === table))
    if (tables.includes(undefined)) return []
    return [{ table, columns: columns.filter((column) => tables.every((other) => other?.columns.includes(column))) }]
  })
  const found = shared.find(({ columns }) => columns.length > 0) ?? shared[0]
  if (found === undefined) return null
  return { ...found, views: [...new Set(features.flatMap(({ name }) => viewOf(name) ?? []))] }
}
