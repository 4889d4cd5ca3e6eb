import { sql, type ColumnSpec } from '@martlet/warehouse'
import { fromRelation, type Relation } from './relation.ts'

/** The column that a name means: the one with exactly this name, otherwise the only one that differs from it in case alone. */
export function columnNamed<C extends Pick<ColumnSpec, 'name'>>(columns: readonly C[], name: string): C | undefined {
  const exact = columns.find((column) => column.name === name)
  if (exact !== undefined) return exact
  const alike = namedAlike(columns, name)
  return alike.length === 1 ? alike[0] : undefined
}

/** The columns whose names differ from this one in case at most. */
export function namedAlike<C extends Pick<ColumnSpec, 'name'>>(columns: readonly C[], name: string): readonly C[] {
  const folded = name.toLowerCase()
  return columns.filter((column) => column.name.toLowerCase() === folded)
}

/** A relation and its columns. */
export interface SpelledRows {
  readonly relation: Relation
  readonly columns: readonly ColumnSpec[]
}

/**
 * The same rows with columns renamed to the wanted names where they differ in case only: to engines `"KWH"` and `kwh` are two
 * names, to people and profiles they are one. A relation whose names all agree is returned as it is.
 */
export function spelledAs({ relation, columns }: SpelledRows, names: readonly string[]): SpelledRows {
  const wanted = new Set(names)
  const spelling = new Map<string, string>()
  for (const name of names) {
    const found = columnNamed(columns, name)
    if (found !== undefined && found.name !== name && !wanted.has(found.name)) spelling.set(found.name, name)
  }
  if (spelling.size === 0) return { relation, columns }
  const selected = columns.map(({ name }) => {
    const wantedName = spelling.get(name)
    return wantedName === undefined ? sql`${sql.id(name)}` : sql`${sql.id(name)} AS ${sql.id(wantedName)}`
  })
  return {
    relation: sql`SELECT ${sql.join(selected)} FROM ${fromRelation(relation)}`,
    columns: columns.map((column) => ({ ...column, name: spelling.get(column.name) ?? column.name })),
  }
}
