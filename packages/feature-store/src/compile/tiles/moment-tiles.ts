import { sql, type Sql } from '@martlet/warehouse'
import type { EventsPlan } from '../../plan/source-plan.ts'
import { centreColumns } from '../../vocabulary/algebra/centres.ts'
import type { Input } from '../../vocabulary/algebra/input.ts'
import { integer } from '../../vocabulary/algebra/integer.ts'
import {
  derivedMoment,
  mergeOf,
  momentId,
  previousId,
  tileMoment,
  type Moment,
} from '../../vocabulary/algebra/moments.ts'
import type { TermSet } from '../../vocabulary/algebra/terms.ts'
import { groupEvents, lowBoundary } from '../events.ts'
import type { Scope } from '../scope.ts'
import type { LookupTerm } from './lookup.ts'

/** Tiles `(e, j, moments)` grouped straight from the fact's events. */
export function momentTiles(scope: Scope, fact: EventsPlan, terms: TermSet): Sql {
  const columns = terms.tileMoments.map((moment) => ({ id: moment.id, value: tileMoment(scope.leaves, moment) }))
  return groupEvents(scope, fact, terms.inputs, columns, lowBoundary(scope, terms.reach))
}

/** `(e, …)`: what derived moments need to know of each entity; undefined when there are none. */
export function entityCentres(scope: Scope, tiles: Sql, terms: TermSet): Sql | undefined {
  const known = knownColumns(scope, terms).map(({ id, value }) => sql`${value} AS ${sql.id(id)}`)
  return known.length === 0 ? undefined : sql`SELECT ${sql.join([sql`e`, ...known])} FROM ${tiles} GROUP BY e`
}

/** The columns of {@link entityCentres}. */
export function entityCentreNames(scope: Scope, terms: TermSet): readonly string[] {
  return knownColumns(scope, terms).map(({ id }) => id)
}

/** Adds to tiles the moments that follow from others of theirs. */
export function deriveTiles(scope: Scope, tiles: Sql, centres: Sql, terms: TermSet): Sql {
  const derived = terms.derivedMoments
  if (derived.length === 0) return sql`SELECT * FROM ${tiles}`
  const values = derived.map((moment) => sql`${derivedMoment(scope.leaves, moment)} AS ${sql.id(moment.id)}`)
  const changes = distinctInputs(derived.filter(({ kind }) => kind === 'changed'))
  const previous = changes.flatMap(previousColumns)
  const known = knownColumns(scope, terms).map(({ id }) => sql.id('c', id))
  const join = known.length === 0 ? sql`` : sql` JOIN ${centres} c ON c.e = tile.e`
  const rows = sql`SELECT ${sql.join([sql`tile.*`, ...known, ...previous])} FROM ${tiles} tile${join}`
  return sql`SELECT d.*, ${sql.join(values)} FROM (${rows}) d`
}

function knownColumns(scope: Scope, terms: TermSet): ReturnType<typeof centreColumns> {
  const low = integer(lowBoundary(scope, terms.reach))
  return centredInputs(terms).flatMap((input) => centreColumns(scope.leaves, input, kindsOf(terms, input), low))
}

/** The largest value, and the boundary, of the tile before. */
function previousColumns(input: Input): readonly Sql[] {
  const before = sql`OVER (PARTITION BY tile.e ORDER BY tile.j)`
  return [
    sql`LAG(${sql.id('tile', momentId('max', input))}) ${before} AS ${sql.id(previousId('max', input))}`,
    sql`LAG(tile.j) ${before} AS ${sql.id(previousId('j', input))}`,
  ]
}

function centredInputs(terms: TermSet): readonly Input[] {
  return distinctInputs(terms.derivedMoments.filter(({ kind }) => kind === 'squares' || kind === 'products'))
}

function kindsOf(terms: TermSet, input: Input): readonly Moment['kind'][] {
  return terms.derivedMoments.filter((moment) => moment.input.id === input.id).map(({ kind }) => kind)
}

function distinctInputs(moments: readonly Moment[]): readonly Input[] {
  return [...new Map(moments.map(({ input }) => [input.id, input])).values()]
}

export function lookupTerms(terms: TermSet): readonly LookupTerm[] {
  return terms.terms.map(({ moment, ...term }): LookupTerm => ({
    ...term,
    column: { id: moment.id, merge: mergeOf(moment.kind) },
  }))
}
