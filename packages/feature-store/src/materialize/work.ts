import { MartletError } from '@martlet/warehouse'
import { shortInstant } from '../catalog/instant.ts'
import type { ViewState } from '../catalog/view-state.ts'
import type { ViewPlan } from '../plan/view-plan.ts'
import { sourceKind, viewsOf } from '../vocabulary/sources/list.ts'

/** What a run of one view has to do. */
export type ViewWork =
  | { readonly action: 'nothing'; readonly reason: string }
  /** Only the online store is behind. */
  | { readonly action: 'publish'; readonly reason: string }
  | {
      /** `rebuild` writes a side table that replaces the view's table at the end. */
      readonly action: 'write' | 'rebuild'
      readonly reason: string
      /** The whole range. */
      readonly from: bigint
      readonly to: bigint
      /** Where writing begins: later than `from` when an interrupted run is resumed. */
      readonly start: bigint
      /** Whether to drop the side table (or the table) first, because this run does not resume it. */
      readonly fresh: boolean
    }

export interface Situation {
  readonly view: ViewPlan
  /** `tableHash(view)` */
  readonly hash: string
  readonly state: ViewState
  readonly tableExists: boolean
  readonly sideExists: boolean
  /** Every feature time before this is closed. */
  readonly closed: bigint
  readonly from: bigint | undefined
  readonly to: bigint | undefined
  /** The first feature time that can have rows; undefined when the source is empty. */
  readonly earliest: () => Promise<bigint | undefined>
}

/** How far this run may write. */
export function limitOf({ to, closed }: Situation): bigint {
  return to === undefined || to > closed ? closed : to
}

/**
 * Decides which feature times have to be computed.
 * @throws MartletError MATERIALIZE_GAP when the range would leave a hole in the feature table
 */
export async function decideComputed(situation: Situation): Promise<ViewWork> {
  const limit = limitOf(situation)
  const { covered } = situation.state
  if (covered !== null && situation.tableExists) {
    return covered.hash === situation.hash
      ? decideIncrement(situation, covered, limit)
      : decideRebuild(situation, covered, limit)
  }
  return decideFirst(situation, limit)
}

async function decideFirst(situation: Situation, limit: bigint): Promise<ViewWork> {
  const { view, state, tableExists, sideExists } = situation
  const { pending } = state
  const resumed =
    pending !== null && pending.hash === situation.hash && (pending.phase === 'writing' ? tableExists : sideExists)
      ? pending
      : null
  const known = resumed?.from ?? state.covered?.since ?? undefined
  const from = situation.from ?? known ?? (await situation.earliest())
  if (from === undefined) return { action: 'nothing', reason: noRows(view) }
  if (from >= limit) return { action: 'nothing', reason: 'no instant is closed yet' }
  if (resumed !== null && from === resumed.from && limit >= resumed.to) {
    const action = resumed.phase === 'writing' ? 'write' : 'rebuild'
    const start = resumePoint(situation, resumed, limit)
    return {
      action,
      from,
      to: limit,
      start,
      fresh: start === from,
      reason: `resumes the first run, which stopped at ${shortInstant(resumed.done)}`,
    }
  }
  if (tableExists && state.covered === null && pending?.hash !== situation.hash) {
    const reason =
      pending === null
        ? 'the table exists, but the catalog does not know how it was computed'
        : 'the definition changed before the first run had finished'
    return { action: 'rebuild', from, to: limit, start: from, fresh: true, reason }
  }
  const reason =
    state.covered === null
      ? `first run${situation.from === undefined ? startsNow(view) : ''}`
      : `table features.${view.name} is missing, though the catalog has it up to ${shortInstant(state.covered.watermark)}`
  return { action: 'write', from, to: limit, start: from, fresh: true, reason }
}

function noRows({ source }: ViewPlan): string {
  const views = viewsOf(source)?.views
  return views === undefined
    ? `${source?.table ?? 'its source'} has no rows`
    : `nothing has rows that ${views.map(({ name }) => name).join(' and ')} would be computed from`
}

/** A source without times is known only as of now, so its first run begins at the newest closed instant. */
function startsNow({ source }: ViewPlan): string {
  if (source === null || viewsOf(source) !== undefined || sourceKind(source).begins(source) !== null) return ''
  return `, which begins now: ${source.table} keeps no history; from (--from) begins earlier, with the attributes of today`
}

function decideRebuild(situation: Situation, covered: Covered, limit: bigint): ViewWork {
  const { state, closed, sideExists } = situation
  const from = situation.from !== undefined && situation.from < covered.since ? situation.from : covered.since
  const kept = covered.watermark < closed ? covered.watermark : closed
  const to = limit > kept ? limit : kept
  if (from >= to) return { action: 'nothing', reason: 'the definition changed, but no instant is closed under it yet' }
  const { pending } = state
  const change = `the definition changed (${covered.hash.slice(0, 8)} → ${situation.hash.slice(0, 8)})`
  if (
    pending !== null &&
    pending.hash === situation.hash &&
    pending.phase === 'writing side' &&
    sideExists &&
    pending.from === from &&
    to >= pending.to
  ) {
    const start = resumePoint(situation, pending, to)
    return {
      action: 'rebuild',
      from,
      to,
      start,
      fresh: start === from,
      reason: `${change}; resumes the rebuild, which stopped at ${shortInstant(pending.done)}`,
    }
  }
  return { action: 'rebuild', from, to, start: from, fresh: true, reason: change }
}

type Covered = NonNullable<ViewState['covered']>
type Pending = NonNullable<ViewState['pending']>

function decideIncrement(situation: Situation, covered: Covered, limit: bigint): ViewWork {
  const { view, state } = situation
  const { pending } = state
  const { since, watermark } = covered
  const interrupted =
    pending !== null && pending.hash === situation.hash && pending.phase === 'writing' ? pending : null
  if (
    situation.from === undefined &&
    situation.to === undefined &&
    interrupted !== null &&
    interrupted.to > watermark &&
    limit >= interrupted.to
  ) {
    return {
      action: 'write',
      from: interrupted.from,
      to: limit,
      start: resumePoint(situation, interrupted, limit),
      fresh: false,
      reason: `resumes a run that stopped at ${shortInstant(interrupted.done)}`,
    }
  }
  const repaired = watermark - BigInt(view.repair) > since ? watermark - BigInt(view.repair) : since
  const from = situation.from ?? repaired
  if (situation.from === undefined && limit <= watermark)
    return { action: 'nothing', reason: `up to date: everything before ${shortInstant(watermark)} is written` }
  if (from >= limit)
    return {
      action: 'nothing',
      reason: `no closed instant lies between ${shortInstant(from)} and ${shortInstant(limit)}`,
    }
  if (from > watermark || limit < since) {
    throw new MartletError(
      'MATERIALIZE_GAP',
      `features.${view.name} has ${shortInstant(since)} to ${shortInstant(watermark)}; ` +
        `writing ${shortInstant(from)} to ${shortInstant(limit)} would leave a hole. ` +
        (from > watermark
          ? `Start at ${shortInstant(watermark)} or before.`
          : `Continue to ${shortInstant(since)} or after.`),
      {
        data: {
          view: view.name,
          since: shortInstant(since),
          watermark: shortInstant(watermark),
          from: shortInstant(from),
          to: shortInstant(limit),
        },
      },
    )
  }
  if (interrupted !== null && interrupted.from === from && limit >= interrupted.to) {
    return {
      action: 'write',
      from,
      to: limit,
      start: resumePoint(situation, interrupted, limit),
      fresh: false,
      reason: `resumes a run that stopped at ${shortInstant(interrupted.done)}`,
    }
  }
  const repair =
    situation.from === undefined && from < watermark
      ? `, and recomputes from ${shortInstant(from)} on because late facts may have changed it`
      : ''
  const reason =
    situation.from === undefined
      ? `new instants since ${shortInstant(watermark)}${repair}`
      : 'the range that was asked for'
  return { action: 'write', from, to: limit, start: from, fresh: false, reason }
}

/**
 * Where a resumed run begins. Chunks before `done` need not be written again, except those that late facts may have
 * changed: the ones that this run would have repaired if the first had not been interrupted.
 */
function resumePoint(situation: Situation, pending: Pending, to: bigint): bigint {
  if (to === pending.to) return pending.done
  const repaired = pending.to - BigInt(situation.view.repair)
  const start = repaired > pending.from ? repaired : pending.from
  return pending.done < start ? pending.done : start
}
