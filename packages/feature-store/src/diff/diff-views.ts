import { isDeepStrictEqual } from 'node:util'
import { MartletError, typeText, type RunOptions, type Warehouse } from '@martlet/warehouse'
import { viewDifference } from '../catalog/difference.ts'
import { clockNow, toMicros, type InstantLike } from '../catalog/instant.ts'
import type { AnyFeatureView } from '../define/feature-view.ts'
import type { EntityPlan } from '../plan/source-plan.ts'
import { countEntities } from '../materialize/survey.ts'
import { gridOf, isContinuous, type ViewPlan } from '../plan/view-plan.ts'
import { durationText } from '../plan/time/duration-text.ts'
import { checkSourceTables } from '../quality/source-tables.ts'
import { viewSources } from '../vocabulary/view-sources.ts'
import { featureText } from '../vocabulary/words.ts'
import { comparedTimes, isWritten, sameGrid } from './compared-times.ts'
import { compareRows } from './compare-rows.ts'
import { featurePairs, kindOf, type FeaturePair } from './feature-pairs.ts'
import { stageSample, stageServed, stageWritten, type StagedRows } from './stage-definition.ts'
import type { FeatureDiff, ViewDiff } from './view-diff.ts'

export interface DiffOptions extends RunOptions {
  readonly warehouse: Warehouse
  /** Two definitions of one view. */
  readonly before: AnyFeatureView | ViewPlan
  readonly after: AnyFeatureView | ViewPlan
  /** The first feature time. @default only the last one that has closed and that the facts reach */
  readonly from?: InstantLike
  /** Feature times before this. @default the last one that has closed and that the facts reach, inclusive */
  readonly to?: InstantLike
  /** Compare so many entities only, always the same ones: those whose keys have the smallest hashes. @default all */
  readonly sample?: number
  /** Also read keys and values of single rows: one statement for each feature that changes. @default true */
  readonly examples?: boolean
  /** @default the clock */
  readonly now?: InstantLike
}

/**
 * What two definitions of a view make of the same facts: which rows and values differ, by how much, and how the definitions
 * do. Both are computed from the facts and compared in the warehouse; nothing is written.
 *
 * Doubles that agree to nine digits are the same value. All other values are compared exactly.
 * @throws MartletError BAD_SAMPLE when `sample` is not a whole number of at least 1
 * @throws MartletError NO_INSTANTS when the view has no feature time between `from` and `to`
 * @throws MartletError SOURCE_MISSING when a table that a definition reads does not exist
 * @throws MartletError SOURCE_MISMATCH when a column does not exist, or has another type
 * @throws MartletError CANCELLED when `signal` is aborted
 *
 * @example
 * const { outcome, features } = await diffViews({ warehouse, before: published, after: customerUsage })
 */
export async function diffViews(options: DiffOptions): Promise<ViewDiff> {
  const [before, after] = [planOf(options.before), planOf(options.after)]
  const { warehouse, sample, signal } = options
  if (sample !== undefined && (!Number.isSafeInteger(sample) || sample < 1))
    throw new MartletError(
      'BAD_SAMPLE',
      `A sample of ${sample} entities cannot be drawn. Give a whole number of at least 1.`,
      {
        data: { sample },
      },
    )
  const run: RunOptions = signal === undefined ? {} : { signal }
  const named = {
    before: { name: before.name, hash: before.hash },
    after: { name: after.name, hash: after.hash },
    reasons: viewDifference(before, after).reasons,
  }
  const pairs = featurePairs(before, after)
  const apart = (why: string): ViewDiff => ({
    ...named,
    outcome: 'not comparable',
    incomparable: why,
    compared: null,
    features: pairs.map(uncompared),
  })
  if (!isDeepStrictEqual(keysOf(before), keysOf(after)))
    return apart(`the keys are ${entityText(after.entity)} instead of ${entityText(before.entity)}`)
  const range = {
    from: options.from === undefined ? undefined : toMicros(options.from, 'from'),
    to: options.to === undefined ? undefined : toMicros(options.to, 'to'),
    now: options.now === undefined ? clockNow() : toMicros(options.now, 'now'),
  }
  return warehouse.session(async (session) => {
    await checkSourceTables(session, [...viewSources(before), ...viewSources(after)])
    const times = await comparedTimes(session, before, after, range, run)
    const [first, last] = [times[0], times.at(-1)]
    if (first === undefined || last === undefined)
      return apart(`the two have no feature time in common: ${gridText(after)} instead of ${gridText(before)}`)
    const staged: StagedRows[] = []
    const kept = (made: StagedRows): StagedRows => {
      staged.push(made)
      return made
    }
    const written = isWritten(before) && isWritten(after)
    const stage = written ? stageWritten : stageServed
    try {
      const drawn =
        sample === undefined || after.entity.keys.length === 0
          ? undefined
          : kept(await stageSample(session, [before, after], { last, sample }, run))
      const entities = drawn === undefined || sample === undefined ? await countEntities(session, after, false) : sample
      const wanted = { times, every: sameGrid(before, after), only: drawn?.table, entities }
      const rows = {
        before: kept(await stage(session, before, wanted, run)),
        after: kept(await stage(session, after, wanted, run)),
      }
      const examples = options.examples ?? true
      const { features, ...compared } = await compareRows(session, { before, after, pairs, examples }, rows, run)
      const changes = features.some(({ kind, changed }) => kind !== 'compared' || changed > 0)
      const moves = compared.rows.appear + compared.rows.vanish > 0
      return {
        ...named,
        outcome: changes || moves ? 'changes' : 'same',
        incomparable: null,
        compared: {
          kind: written ? 'rows' : 'served',
          first,
          last,
          times: times.length,
          sample: drawn === undefined ? null : (sample ?? null),
          ...compared,
        },
        features,
      }
    } finally {
      for (const { drop } of staged) await session.run(drop)
    }
  })
}

function planOf(given: AnyFeatureView | ViewPlan): ViewPlan {
  return 'plan' in given ? given.plan : given
}

function keysOf({ entity }: ViewPlan): unknown {
  return entity.keys.map(({ name, type }) => [name, type])
}

function entityText({ keys }: EntityPlan): string {
  return keys.length === 0 ? 'none' : keys.map(({ name, type }) => `${name} ${typeText(type)}`).join(', ')
}

function gridText(view: ViewPlan): string {
  if (isContinuous(view)) return 'continuous'
  const { every, zone } = gridOf(view)
  return `every ${durationText(every)} of ${zone}`
}

function uncompared(pair: FeaturePair): FeatureDiff {
  const { before, after } = pair
  const name = after?.name ?? before?.name ?? ''
  return {
    name,
    formerName: before === undefined || before.name === name ? null : before.name,
    kind: kindOf(pair),
    words: {
      before: before === undefined ? null : featureText(before),
      after: after === undefined ? null : featureText(after),
    },
    rows: 0,
    changed: 0,
    nullToValue: 0,
    valueToNull: 0,
    before: null,
    after: null,
    largest: null,
  }
}
