import type { ColumnProfile, ReferenceProfile } from '../profile/reference-profile.ts'
import type { ColumnEvidence, WindowEvidence } from './evidence.ts'

/** Nulls among rows. */
export interface Share {
  readonly rows: number
  readonly nulls: number
}

/** A column's evidence without the rows in which its view has no value at all; those are judged once for the view. */
export interface PresentRows extends ColumnEvidence {
  readonly reference: Share
}

/** Leaves out of each column the rows in which its view has no value. */
export function presentRows(
  profile: ReferenceProfile,
  { columns, absent }: Pick<WindowEvidence, 'columns' | 'absent'>,
): readonly PresentRows[] {
  return columns.map((column) => {
    const view =
      column.obstacle === null
        ? (profile.views ?? []).findIndex((one) => one.columns.includes(column.profile.name))
        : -1
    const without = absent[view] ?? 0
    return {
      ...column,
      rows: column.rows - without,
      nulls: column.nulls - without,
      reference: referenceRows(profile, column.profile),
    }
  })
}

/** The reference's rows that have a value of the column's view, and the column's nulls among them. */
export function referenceRows({ rows, views = [] }: ReferenceProfile, { name, nulls }: ColumnProfile): Share {
  const absent = views.find(({ columns }) => columns.includes(name))?.absent ?? 0
  return { rows: rows - absent, nulls: nulls - absent }
}
