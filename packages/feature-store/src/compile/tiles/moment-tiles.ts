import { sql, type Leaves, type Sql } from '@martlet/warehouse'
import type { EventsPlan } from '../../plan/source-plan.ts'
import { groupEvents, lowBoundary } from '../events.ts'
import type { LookupTerm } from './lookup.ts'
import { centredMoment, centreId, centreSql, mergeOf, tileMoment } from '../../vocabulary/algebra/moments.ts'
import type { Scope } from '../scope.ts'
import type { TermSet } from '../../vocabulary/algebra/terms.ts'

/** Tiles `(e, j, moments)` grouped straight from the fact's events. */
export function momentTiles(scope: Scope, fact: EventsPlan, terms: TermSet): Sql {
  const columns = terms.tileMoments.map((moment) => ({ id: moment.id, value: tileMoment(scope.leaves, moment) }))
  return groupEvents(scope, fact, terms.inputs, columns, lowBoundary(scope, terms.reach))
}

/** Adds centred moments to tiles: deviations from each entity's own mean, so that large values keep their digits. */
export function centreTiles(leaves: Leaves, tiles: Sql, terms: TermSet): Sql {
  const centred = terms.centredMoments
  if (centred.length === 0) return sql`SELECT * FROM ${tiles}`
  const inputs = [...new Map(centred.map((moment) => [moment.input.id, moment.input])).values()]
  const centres = inputs.map((input) => sql`${centreSql(leaves, input)} AS ${sql.id(centreId(input))}`)
  const values = centred.map((moment) => sql`${centredMoment(leaves, moment)} AS ${sql.id(moment.id)}`)
  return sql`SELECT c.*, ${sql.join(values)} FROM (SELECT tile.*, ${sql.join(centres)} FROM ${tiles} tile) c`
}

export function lookupTerms(terms: TermSet): readonly LookupTerm[] {
  return terms.terms.map(({ moment, ...term }): LookupTerm => ({
    ...term,
    column: { id: moment.id, merge: mergeOf(moment.kind) },
  }))
}
