import { clockNow, shortInstant, toMicros } from '../catalog/instant.ts'
import { isStale, readViewState } from '../catalog/view-state.ts'
import type { ViewState } from '../catalog/view-state.ts'
import { checkSourceTables } from '../quality/source-tables.ts'
import { viewsOf } from '../vocabulary/sources/list.ts'
import { viewOfEvents, viewSources } from '../vocabulary/view-sources.ts'
import { choosePlan, type PlanChoice, type SourceSize } from '../compile/plan-choice.ts'
import { isContinuous, stepsOf, type ViewPlan } from '../plan/view-plan.ts'
import { FailedViews } from './failed-views.ts'
import { exists, featureTable, sideTable } from './feature-table.ts'
import { viewPlans, type PlanOptions } from './options.ts'
import { tableHash } from '../catalog/table-hash.ts'
import { formerRows } from './take-over-names.ts'
import { closedBefore, countEntities, earliestInstant, sourceSize } from './survey.ts'
import type { ViewWork } from './work.ts'
import { writerOf } from './writers/writer-of.ts'
import { refuseFuture } from './clock.ts'
import { tableBasesOf, viewStages } from './order.ts'
import { withoutEarly, writtenEarly } from './written-early.ts'

/** What a run of one view will do, with its size. */
export interface PlannedView {
  readonly view: ViewPlan
  readonly hash: string
  readonly state: ViewState
  readonly work: ViewWork
  /** Rows from here on were written before their feature time was closed; the run removes them first. */
  readonly back?: bigint
  /** Feature times that will be written. */
  readonly instants: number
  readonly estimatedRows: number
  /** Length of one transaction's range, in microseconds. */
  readonly chunkSpan: bigint
  /** How large the view's events are, where rows are computed from events. */
  readonly size?: SourceSize
  /** How the rows of the first transaction are computed. */
  readonly choice?: PlanChoice
}

export interface MaterializationPlan {
  readonly views: readonly PlannedView[]
}

const DEFAULT_CHUNK_ROWS = 1_000_000

/**
 * Plans what `materialize` with the same options would do now: ranges, instants, rows, and why. Changes nothing.
 * Of one view its own error is thrown, of several views MATERIALIZE_FAILED.
 * @throws MartletError SOURCE_MISSING when a table that the view reads does not exist
 * @throws MartletError SOURCE_MISMATCH when a column does not exist, or has another type
 * @throws MartletError MATERIALIZE_GAP when the range would leave a hole in the feature table
 * @throws MartletError MATERIALIZE_FROM_NEEDED when a calendar view has nothing to begin with
 * @throws MartletError MATERIALIZE_FAILED when some of several views cannot be planned; the message lists them
 * @throws MartletError INVALID_INSTANT when `from`, `to` or `now` is not a point in time
 * @throws MartletError AHEAD_OF_CLOCK when `now` or `to` lies more than five minutes in the future, unless `allowFuture` is set
 */
export async function planMaterialization(options: PlanOptions): Promise<MaterializationPlan> {
  refuseFuture(options)
  const given = viewPlans(options.views)
  const planned: PlannedView[] = []
  const failures = new FailedViews({})
  for (const view of viewStages(given).flat()) {
    await failures.attempt(view, async () => {
      planned.push((await waiting(options, view, given)) ?? (await planView(options, view, planned)))
    })
  }
  failures.throwIfAny(given, [])
  return { views: given.flatMap((view) => planned.find((one) => one.view === view) ?? []) }
}

/**
 * The plan of a view whose source another view of the same call writes for the first time; undefined for other views.
 */
async function waiting(
  options: PlanOptions,
  view: ViewPlan,
  given: readonly ViewPlan[],
): Promise<PlannedView | undefined> {
  for (const base of tableBasesOf(view, given)) {
    if (await exists(options.warehouse, featureTable(base))) continue
    const state = afterSwap(await readViewState(options.catalog.db, view.name))
    const reason = `${base.name}, whose rows it reads, is written first; what it has to do is decided then`
    return {
      view,
      hash: tableHash(view),
      state,
      work: { action: 'nothing', reason },
      instants: 0,
      estimatedRows: 0,
      chunkSpan: 0n,
    }
  }
  return undefined
}

/** Plans one view; `others` are the views of the same run that are already planned. */
export async function planView(
  options: PlanOptions,
  view: ViewPlan,
  others: readonly PlannedView[],
): Promise<PlannedView> {
  const { warehouse, catalog, online } = options
  const hash = tableHash(view)
  await checkSourceTables(warehouse, viewSources(view))
  if (isContinuous(view)) return onlyBases(view, hash, await readViewState(catalog.db, view.name))
  const former = await formerRows(catalog.db, view)
  const stored = afterSwap(former?.state ?? (await readViewState(catalog.db, view.name)))
  const back = options.allowFuture === true ? undefined : await writtenEarly(catalog, view, hash, stored)
  const state = back === undefined ? stored : withoutEarly(stored, back)
  const writer = writerOf(view)
  const closed = closedBefore(view, options.now === undefined ? clockNow() : toMicros(options.now, 'now'))
  const ownTable = (back === undefined || state.covered !== null) && (await exists(warehouse, featureTable(view)))
  const tableExists = ownTable || (former !== undefined && (await exists(warehouse, featureTable(former))))
  const decided = await writer.decide({
    view,
    hash,
    state,
    tableExists,
    sideExists: await exists(warehouse, sideTable(view.name, hash)),
    closed,
    from: options.from === undefined ? undefined : toMicros(options.from, 'from'),
    to: options.to === undefined ? undefined : toMicros(options.to, 'to'),
    earliest: async () =>
      earliestInstant(warehouse, view, closed, view.source === null ? await starts(options, others) : []),
  })
  const pending =
    decided.action === 'nothing' && online !== undefined
      ? await unpublished({ view, hash, state, online }, decided)
      : decided
  const work = back === undefined ? pending : goingBack(pending, back)
  const also = back === undefined ? {} : { back }
  if (work.action !== 'write' && work.action !== 'rebuild')
    return { view, hash, state, work, ...also, instants: 0, estimatedRows: 0, chunkSpan: 0n }
  const entities = Math.max(1, await countEntities(warehouse, view, ownTable && state.covered?.hash === hash))
  const instants = writer.ownTable ? Math.ceil(Number(work.to - work.start) / stepsOf(view).every) : 0
  const perChunk =
    options.chunk?.instants ?? Math.max(1, Math.floor((options.chunk?.rows ?? DEFAULT_CHUNK_ROWS) / entities))
  const estimatedRows = writer.ownTable ? entities * instants : entities
  const counted = writer.ownTable ? viewOfEvents(view) : undefined
  const size = counted === undefined ? undefined : await sourceSize(warehouse, counted, entities)
  const each = Math.min(instants, Math.max(1, Math.floor(perChunk)))
  const sized = size === undefined || counted === undefined ? {} : { size, choice: choiceOf(view, counted, size, each) }
  return {
    view,
    hash,
    state,
    work,
    ...also,
    ...sized,
    instants,
    estimatedRows,
    chunkSpan: BigInt(Math.max(1, Math.floor(perChunk))) * BigInt(stepsOf(view).every),
  }
}

/** A continuous view has no rows at feature times: bases are published every time. */
function onlyBases(view: ViewPlan, hash: string, state: ViewState): PlannedView {
  const reason = 'it is continuous: the base of every entity is made from the facts that are there now'
  return { view, hash, state, work: { action: 'publish', reason }, instants: 0, estimatedRows: 0, chunkSpan: 0n }
}

/** How rows are computed; those of other views only where their tables do not have them. */
function choiceOf(view: ViewPlan, counted: ViewPlan, size: SourceSize, instants: number): PlanChoice {
  const choice = choosePlan(counted, size, instants)
  if (counted === view) return choice
  const read = viewsOf(view.source)?.views.map(({ name }) => name) ?? []
  return { ...choice, reason: `rows of ${read.join(' and ')} where their tables have them, otherwise ${choice.reason}` }
}

async function starts({ catalog }: PlanOptions, others: readonly PlannedView[]): Promise<readonly bigint[]> {
  const stored = await catalog.db.selectFrom('view_states').select('since').execute()
  const planned = others.flatMap(({ work }) =>
    work.action === 'write' || work.action === 'rebuild' ? [work.from] : [],
  )
  return [...stored.flatMap(({ since }) => (since === null ? [] : [toMicros(since)])), ...planned]
}

/** The state of a view after its swap: if a run was killed while swapping, the next one completes it. */
export function afterSwap(state: ViewState): ViewState {
  const { pending } = state
  if (pending?.phase !== 'swapping') return state
  return { ...state, covered: { hash: pending.hash, since: pending.from, watermark: pending.to }, pending: null }
}

function goingBack(work: ViewWork, back: bigint): ViewWork {
  const removes = `removes the rows from ${shortInstant(back)} on, which a run had written before their time`
  return work.action === 'nothing' || work.action === 'publish'
    ? { action: 'publish', reason: `${removes}, and publishes those that are right` }
    : { ...work, reason: `${removes}; ${work.reason}` }
}

async function unpublished(
  of: { view: ViewPlan; hash: string; state: ViewState; online: NonNullable<PlanOptions['online']> },
  otherwise: ViewWork,
): Promise<ViewWork> {
  const { view, hash, state, online } = of
  if (isStale(state))
    return { action: 'publish', reason: 'the online store has rows that were written before their time' }
  if (state.covered === null || state.covered.hash !== hash) return otherwise
  if (state.publishedHash !== hash) return { action: 'publish', reason: 'its rows have not been published yet' }
  if (state.unpublishedFrom !== null)
    return { action: 'publish', reason: 'a run ended before it had published everything' }
  if ((await online.count(view.name)) === 0)
    return { action: 'publish', reason: 'the online store has none of its rows' }
  return otherwise
}
