import { tableRef, type RunOptions, type Warehouse } from '@martlet/warehouse'
import { toMicros, type InstantLike } from '../../catalog/instant.ts'
import { compileTraining } from '../../compile/training-sql.ts'
import { temporaryPrefix } from '../../compile/temporary-tables.ts'
import type { AnyFeatureView } from '../../define/feature-view.ts'
import { invalidName } from './invalid-name.ts'
import type { KeyValue } from '../../online/key-value.ts'
import { servedFeatureTime } from '../../plan/time/grid.ts'
import { gridOf, type ViewPlan } from '../../plan/view-plan.ts'
import { checkSourceTables } from '../../quality/source-tables.ts'
import { featureKind } from '../../vocabulary/features/list.ts'
import { passedThroughOf } from '../../vocabulary/sources/list.ts'
import { viewSources } from '../../vocabulary/view-sources.ts'
import { featureTable } from '../../materialize/feature-table.ts'
import { stageSpine } from '../spine.ts'
import { valuesOf, type PreviewValue } from './batch-values.ts'
import { previewEvents, type FeatureEvents } from './events.ts'
import { keyBatch } from './key-batch.ts'

export interface PreviewOptions extends RunOptions {
  readonly warehouse: Warehouse
  readonly view: AnyFeatureView | ViewPlan
  /** Whose rows; each key once. */
  readonly keys: readonly Readonly<Record<string, KeyValue>>[]
  /** The moment at which the rows would have been served. @default now */
  readonly at?: InstantLike
  /** The features whose events are wanted. @default none */
  readonly features?: readonly string[]
  /** At most so many events of each aggregate, the newest. @default 20 */
  readonly events?: number
}

export interface PreviewedFeature {
  readonly name: string
  /** How it is computed: `sum(kwh) over 7d`. */
  readonly words: string
  readonly value: PreviewValue
  /** What the value was made of, one for each aggregate of the feature; undefined where it was not asked for. */
  readonly events?: readonly FeatureEvents[]
}

export interface PreviewedRow {
  readonly key: Readonly<Record<string, KeyValue>>
  readonly features: readonly PreviewedFeature[]
}

export interface Preview {
  readonly view: string
  /** T of the rows, µs; null where rows have times of their own, because another tool computed them. */
  readonly featureTime: bigint | null
  readonly rows: readonly PreviewedRow[]
}

/**
 * The rows of some entities as they would have been served at a moment, computed from the facts, and the events that
 * each feature was made of. Writes nothing.
 * @throws MartletError BAD_KEY when a key is not valid
 * @throws MartletError UNKNOWN_FEATURE when the view has no such feature
 * @throws MartletError SOURCE_MISSING when a table that the view reads does not exist
 * @throws MartletError SOURCE_MISMATCH when a column does not exist, or has another type
 */
export async function previewRows(options: PreviewOptions): Promise<Preview> {
  const { warehouse, keys, features: wanted = [], events = 20 } = options
  const view = 'plan' in options.view ? options.view.plan : options.view
  const at = options.at === undefined ? BigInt(Date.now()) * 1000n : toMicros(options.at, 'at')
  const run: RunOptions = options.signal === undefined ? {} : { signal: options.signal }
  const names = view.features.map(({ name }) => name)
  for (const name of wanted) if (!names.includes(name)) throw invalidName(view, name)
  return warehouse.session(async (session) => {
    await checkSourceTables(session, viewSources(view))
    const prefix = temporaryPrefix()
    const time = timeColumn(view)
    const batch = keyBatch(view.entity, keys, time, at)
    const spine = await stageSpine(session, { rows: batch }, time, view.entity.keys, `${prefix}_spine`, run)
    const service = { name: 'preview', views: [{ view, features: names }], hash: '' }
    const compiled = compileTraining(session.leaves, service, [], spine, {
      asOf: at,
      from: 'facts',
      featureTable: (of) => tableRef(featureTable(of)),
    })
    for (const statement of compiled.prepare) await session.run(statement, run)
    const rows = valuesOf(await session.read(compiled.query, run))
    for (const statement of compiled.cleanup) await session.run(statement, run)
    const featureTime =
      passedThroughOf(view.source) === undefined ? servedFeatureTime(gridOf(view), view.delay, at) : null
    const shown = view.features.filter(({ name }) => wanted.includes(name))
    const behind =
      featureTime === null
        ? new Map<string, readonly (readonly FeatureEvents[])[]>()
        : await previewEvents(
            session,
            { view, featureTime, spine: spine.table, rows: keys.length, limit: events },
            shown,
            run,
          )
    const numbered = rows.toSorted((a, b) => Number(a['spine_row']) - Number(b['spine_row']))
    return {
      view: view.name,
      featureTime,
      rows: numbered.map((row, i): PreviewedRow => ({
        key: keys[i] ?? {},
        features: view.features.map((feature): PreviewedFeature => {
          const made = behind.get(feature.name)?.[i]
          const value = row[`${view.name}__${feature.name}`] ?? null
          const own = { name: feature.name, words: featureKind(feature).words(feature), value }
          return made === undefined ? own : { ...own, events: made }
        }),
      })),
    }
  })
}

/** A name for the column of the moment that no key has. */
function timeColumn({ entity }: ViewPlan): string {
  let name = 'preview_at'
  while (entity.keys.some((key) => key.name === name)) name = `${name}_`
  return name
}
