import { sql, type Sql, type Warehouse } from '@martlet/warehouse'
import { fromRelation, type Relation } from '../count/relation.ts'
import { codesIn, openSource } from '../count/scan-source.ts'
import { scanWindowRows } from '../count/scan-window-rows.ts'
import { windowSql, type TimeWindow } from '../count/windows.ts'
import { seasonSql, type Seasons } from '../profile/season.ts'
import type { OpenReference } from '../reference/open-reference.ts'
import { invalid } from '../reference/reference-choice.ts'
import type { Composition } from '../reference/season-weights.ts'
import { windowReference } from '../reference/window-reference.ts'
import type { WindowReference } from '../verdict/evidence.ts'

interface ComparedRows {
  readonly open: OpenReference
  readonly relation: Relation
  readonly time: string | null
  readonly windows: readonly TimeWindow[]
}

/** The reference of every window, none where all share the profile, and the rows that these can be compared with. */
export async function referencesOf(
  warehouse: Warehouse,
  { open, relation, time, windows }: ComparedRows,
): Promise<{ readonly relation: Relation; readonly references: readonly WindowReference[] }> {
  const { pieces, match, parts } = open
  if (pieces === null) return { relation, references: [] }
  if (match.length === 0)
    return { relation, references: parts.map((_, index) => windowReference(open, index, new Map())) }
  if (time === null) throw invalid('the column that says when a row happened is not named, so rows have no season')
  const season = seasonSql(warehouse.leaves, sql.id(time), { by: match, zone: pieces.zone } satisfies Seasons)
  const compositions = await compositionsOf(warehouse, { relation, time, windows }, season)
  const references = compositions.map((composition, index) => windowReference(open, index, composition))
  const left = references.flatMap(({ unseen }, index): readonly Sql[] => {
    if (unseen.length === 0) return []
    const window = windows[index]
    const within = window === undefined ? sql`1 = 1` : windowSql(warehouse.leaves, sql.id(time), [window]).where
    return [sql`(${within} AND ${season} IN (${sql.raw(unseen.map(({ code }) => code).join(', '))}))`]
  })
  if (left.length === 0) return { relation, references }
  return {
    relation: sql`SELECT * FROM ${fromRelation(relation)} WHERE NOT (${sql.join(left, sql` OR `)})`,
    references,
  }
}

/** The rows of each window by season. */
async function compositionsOf(
  warehouse: Warehouse,
  {
    relation,
    time,
    windows,
  }: { readonly relation: Relation; readonly time: string; readonly windows: readonly TimeWindow[] },
  season: Sql,
): Promise<readonly Composition[]> {
  const codes = await codesIn(warehouse, relation, season)
  const source = openSource(warehouse, {
    relation,
    time: windows.length === 0 ? null : time,
    windows,
    divided: { number: season, codes },
  })
  const counted = codes.length === 0 ? [] : await scanWindowRows(warehouse, source, [])
  return Array.from({ length: Math.max(1, windows.length) }, (_, window) => {
    const rows = codes.map((code, place) => [code, counted[window * codes.length + place]?.rows ?? 0] as const)
    return new Map(rows.filter(([, count]) => count > 0))
  })
}
