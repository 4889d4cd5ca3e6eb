import { sql, type Sql } from '@martlet/warehouse'
import type { ProfiledColumn } from '../profile/reference-profile.ts'

/** The features of one view, recognised by their names: `view__feature`. */
export interface ViewColumns {
  readonly view: string
  readonly columns: readonly string[]
}

/** The views that columns belong to; predictions and labels belong to none. */
export function viewsOf(columns: readonly Pick<ProfiledColumn, 'name' | 'role'>[]): readonly ViewColumns[] {
  const views = new Map<string, string[]>()
  for (const { name, role = 'feature' } of columns) {
    const end = name.indexOf('__')
    if (role !== 'feature' || end < 1) continue
    const view = name.slice(0, end)
    views.set(view, [...(views.get(view) ?? []), name])
  }
  return [...views].map(([view, names]) => ({ view, columns: names }))
}

/** Null in rows where all of a view's columns are null, 1 in the others. */
export function presence({ columns }: Pick<ViewColumns, 'columns'>): Sql {
  const allNull = columns.map((name) => sql`${sql.id(name)} IS NULL`)
  return sql`CASE WHEN ${sql.join(allNull, sql` AND `)} THEN NULL ELSE 1 END`
}
