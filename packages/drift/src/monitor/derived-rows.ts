import type { ColumnSpec, Warehouse } from '@martlet/warehouse'
import { finestUnit } from '../count/instant-sql.ts'
import type { Relation } from '../count/relation.ts'
import { namedAlike } from '../count/spelling.ts'
import type { TimeWindow } from '../count/windows.ts'
import { withCoarserForms } from '../profile/coarser-forms.ts'
import { derivedRelation, type Derivation } from '../profile/derived-columns.ts'
import type { ReferenceProfile } from '../profile/reference-profile.ts'
import { columnObstacle } from '../verdict/findings/schema-changes.ts'

/** Rows with the columns that a profile derives from its dates and instants. */
export interface DerivedRows {
  readonly relation: Relation
  readonly schema: readonly ColumnSpec[]
  /** The profile without what these rows cannot have, with forms told apart as far as the windows can. */
  fit(profile: ReferenceProfile): ReferenceProfile
  /** The same columns of other rows that are spelled alike. */
  derive(relation: Relation, time: string | null): Relation
}

/** Adds to the current rows what the profile derives. */
export function derivedRows(
  warehouse: Warehouse,
  rows: {
    readonly relation: Relation
    readonly schema: readonly ColumnSpec[]
    readonly time: string | null
    readonly windows: readonly TimeWindow[]
    readonly now: Date
  },
  profile: ReferenceProfile,
): DerivedRows {
  const { schema, time, windows, now } = rows
  const named = new Map(profile.columns.map((column) => [column.name, column]))
  const derivations = profile.columns.flatMap(({ name, type, derived }) => {
    const base = named.get(derived?.of ?? '')
    const usable = base !== undefined && columnObstacle(base, schema) === null && knows(derived, time)
    // A column of the rows that has the name by itself would be read in its stead.
    const isFree = namedAlike(schema, name).length === 0
    return derived !== undefined && usable && isFree ? [{ name, type, derived }] : []
  })
  const usable = new Set(derivations.map(({ name }) => name))
  const hours = windows.map(({ from, to }) => (to.getTime() - from.getTime()) / 3_600_000)
  const finest = finestUnit(hours.length === 0 ? null : Math.min(...hours))
  const derive = (relation: Relation, column: string | null): Relation =>
    derivedRelation(warehouse, relation, derivations, { time: column, now, finest })
  return {
    relation: derive(rows.relation, time),
    schema: [...schema, ...derivations.map(({ name, type }) => ({ name, type }))],
    fit: ({ columns, ...rest }) => ({
      ...rest,
      columns: columns
        .filter(({ name, derived }) => derived === undefined || usable.has(name))
        .map((column) => withCoarserForms(column, finest)),
    }),
    derive,
  }
}

function knows(derived: Derivation | undefined, time: string | null): boolean {
  return derived !== undefined && (derived.since !== 'row' || time !== null)
}
