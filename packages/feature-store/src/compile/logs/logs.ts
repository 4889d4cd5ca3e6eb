import { sql } from '@martlet/warehouse'
import { isContinuous } from '../../plan/view-plan.ts'
import type { EventsPlan } from '../../plan/source-plan.ts'
import { anyDoubt, DOUBT } from '../../vocabulary/algebra/rounding.ts'
import { TermSet, type RunningTerm } from '../../vocabulary/algebra/terms.ts'
import { WindowMoments } from '../../vocabulary/algebra/window-moments.ts'
import type { WindowedAggregate } from '../../vocabulary/features/feature-kind.ts'
import { windowKind } from '../../vocabulary/windows/list.ts'
import { closesByEvents } from '../closing.ts'
import { isNear } from '../joins/near.ts'
import { timeOfBoundary, type Scope } from '../scope.ts'
import type { Strategy, ViewValues } from '../strategy.ts'
import { inputOf, roundingOf, type WindowFeature } from '../window-feature.ts'
import { arrivalLog } from './arrival-log.ts'
import { logLookup } from './log-lookup.ts'

/**
 * Facts with arrival times, and windows that begin in steps: a log of what has entered each window edge, so that a window
 * is the difference of two logs.
 */
export const logs: Strategy = {
  name: 'logs',
  applies: (scope, events) => scope.lookup !== 'direct' && (events.knownAt !== null || isContinuous(scope.view)),
  answers: (scope, feature) => isLogged(scope, feature) && !(scope.arrivals === 'join' && isNear(feature)),
  values: loggedValues,
}

/**
 * Whether a feature follows from running moments of what has entered: differences, the newest, and extremes since
 * ever.
 */
function isLogged({ view, grain }: Scope, { parts }: WindowFeature): boolean {
  return parts.every(({ kind: { merged }, window }) => {
    const span = windowKind(window).span?.(window, grain)
    if (span === undefined || merged?.by !== 'moments') return false
    // When events leave a window that others close is not known from their own times.
    if (span.hop !== undefined && closesByEvents(view)) return false
    return merged.edges === 'always' || (merged.edges === 'lifetime' && span.width === null)
  })
}

function loggedValues(scope: Scope, events: EventsPlan, features: readonly WindowFeature[]): ViewValues {
  const { leaves, grain, prefix } = scope
  const terms = new TermSet({ frames: false })
  terms.running('count', terms.input(null, null, 'integer'), 0)
  const windowOf = ({ kind, plan, window }: WindowedAggregate) => {
    const span = windowKind(window).span?.(window, grain)
    if (span === undefined || kind.merged?.by !== 'moments') throw new Error(`${kind.name} does not follow from logs`)
    return { merged: kind.merged, moments: new WindowMoments(leaves, terms, inputOf(terms, events, plan), span, grain) }
  }
  const columns = features.map((feature) => {
    const values = feature.parts.map((part) => {
      const { merged, moments } = windowOf(part)
      return merged.value(moments)
    })
    return sql`${feature.combine(leaves, values)} AS ${sql.id(feature.name)}`
  })
  const doubts = features.flatMap(({ parts }) =>
    parts.flatMap((part) => {
      const { merged, moments } = windowOf(part)
      return roundingOf(events, part) === undefined ? [] : (merged.doubt?.(moments) ?? [])
    }),
  )
  if (doubts.length > 0) columns.push(sql`${anyDoubt(doubts)} AS ${sql.id(DOUBT)}`)
  const running = terms.terms.filter((term): term is RunningTerm => term.kind === 'running')
  for (const { moment } of running) if (moment.kind === 'newest') terms.moment('newestRank', moment.input)
  const edges = [...new Map(running.map(({ offset, hop }) => [offset, { offset, hop }])).values()]
  const log = sql.id(`${prefix}_log`)
  const found = logLookup(scope, sql`SELECT * FROM ${log}`, running, edges)
  const values = sql`
    SELECT ${sql.join([sql`e`, sql`t`, ...columns])}
    FROM (${terms.withValues(sql`SELECT *, ${timeOfBoundary(scope, sql`j`)} AS t FROM (${found}) found`)}) a
  `
  return { tables: [{ name: log, rows: arrivalLog(scope, events, terms, edges) }], values }
}
