import {
  ensureSchema,
  MartletError,
  replaceTable,
  splitTableName,
  sql,
  tableRef,
  unitOfWork,
  type ColumnBatch,
  type RunOptions,
  type Sql,
  type Warehouse,
} from '@martlet/warehouse'
import type { Catalog } from '../catalog/catalog.ts'
import { toMicros } from '../catalog/instant.ts'
import { checkSourceTables } from '../quality/source-tables.ts'
import { passedThroughOf } from '../vocabulary/sources/list.ts'
import { labelSources, viewSources, type SourceUse } from '../vocabulary/view-sources.ts'
import { type CheckedSpine } from '../compile/keyed-spine.ts'
import { compileTraining, type CompiledTraining } from '../compile/training-sql.ts'
import { temporaryPrefix } from '../compile/temporary-tables.ts'
import type { MomentTable } from '../compile/tiles/moment-table.ts'
import type { AnyFeatureService } from '../define/feature-service.ts'
import type { AnyLabel } from '../define/label.ts'
import { heartbeat } from '../materialize/heartbeat.ts'
import { featureTable } from '../materialize/feature-table.ts'
import type { LabelPlan } from '../plan/label-plan.ts'
import { servedFeatureTime } from '../plan/time/grid.ts'
import { labelHash } from '../vocabulary/plan-hash.ts'
import type { Defaults } from '../plan/kept-value.ts'
import {
  gridOf,
  isContinuous,
  nameIn,
  serviceKeys,
  serviceRequest,
  viewsRead,
  type ServicePlan,
  type ViewPlan,
} from '../plan/view-plan.ts'
import { endOfData } from './end-of-data.ts'
import { computationOf, type OnDemandFunctions } from '../on-demand/on-demand-functions.ts'
import type { Computation } from '../on-demand/computation.ts'
import type { FunctionPlan } from '../plan/on-demand-plan.ts'
import { checkFeatureTable } from './feature-tables.ts'
import { computeFunctions } from './on-demand/training-functions.ts'
import { stageSpine, type Spine } from './spine.ts'
import { planSplit, SPLIT, splitSpine, type SplitOptions, type SplitText } from './split.ts'
import { isMade, spineSources, spineText, type MadeSpineText } from './spines/made-spine.ts'
import { storedTilesOf } from './stored-tiles.ts'

export interface TrainingSetOptions {
  readonly warehouse: Warehouse
  readonly service: AnyFeatureService | ServicePlan
  readonly spine: Spine
  /** The spine's time column: a timestamp, of UTC unless `zone` says otherwise. Of a spine that is made, its name. */
  readonly time: string
  /** The IANA zone by whose clock the spine's times are read, unless their column has a time zone. @default 'UTC' */
  readonly zone?: string
  readonly labels?: readonly (AnyLabel | LabelPlan)[]
  /**
   * The end of the data: a label whose window (plus maturity) ends after it is null.
   * Set it where events are rare.
   * @default the newest event of the labels' fact up to now; with several facts, of the one that ends first
   */
  readonly asOf?: Date
  /**
   * `facts` computes every feature again. `tiles` does so from the tiles that materialization has stored: what the facts
   * said when it last ran; views without such tiles are computed from facts. `materialized` joins the feature tables.
   * @default 'facts'
   */
  readonly from?: FeaturesFrom
  /** On-demand features whose functions this process has. @default those of `service`, where it is not only a plan */
  readonly functions?: OnDemandFunctions
  /** For `materialized`: the record of which feature times a table has, and of which definition. */
  readonly catalog?: Catalog
  /**
   * Splits the rows by time: the column `split` says `train`, `validation` or `test`. Rows whose labels reach across a
   * border are left out.
   */
  readonly split?: SplitOptions
  /**
   * Adds the feature time that serves each row as `view__feature_time`, of continuous views the time of the newest event;
   * null where a precomputed table has no row. Views that look up an entity add theirs, and `view__looked_up__key`.
   * @default false
   */
  readonly featureTimes?: boolean
  /** The table to write or replace. @default `training.<service>` */
  readonly into?: string
  readonly onProgress?: (step: TrainingProgress) => void
  readonly signal?: AbortSignal
}

/** What the features of a training set are computed from, or read from. */
export type FeaturesFrom = 'facts' | 'tiles' | 'materialized'

/** Reported when a step begins, every two seconds while it runs, and when it ends. */
export interface TrainingProgress {
  /** How many steps have ended, of how many; 0 of 1 until the spine is read. */
  readonly done: number
  readonly of: number
  /**
   * The running step: `spine`, `view usage`, `label next_day`, `join and write`; at the end the table that was
   * written.
   */
  readonly step: string
  /** Seconds since the step began. */
  readonly seconds: number
}

/** The record of how a training set was made, to be kept with the model. */
export interface TrainingManifest {
  readonly service: string
  readonly serviceHash: string
  /** The hash of each view, and of each on-demand feature. */
  readonly views: Readonly<Record<string, string>>
  readonly labels: Readonly<Record<string, string>>
  /** What stood for missing values, by view and feature. */
  readonly defaults?: Readonly<Record<string, Defaults>>
  readonly from: FeaturesFrom
  /** The views that were computed from stored tiles. */
  readonly tiles?: readonly string[]
  /** How the spine was made, where the warehouse made it. */
  readonly spine?: MadeSpineText
  /** How the rows were split by time, and how many were left out. */
  readonly split?: SplitText
  readonly rows: number
  /** The first and last time of the spine, as ISO 8601 text. */
  readonly first: string
  readonly last: string
  readonly asOf: string
}

export interface TrainingSet {
  readonly table: string
  readonly rows: number
  readonly features: readonly string[]
  readonly labels: readonly string[]
  /** For each feature with a default the column that says whether it was missing. */
  readonly missing: readonly string[]
  /** The key columns of the service and of the labels. */
  readonly keys: readonly string[]
  /** The column that says to which part of a split a row belongs; null without a split. */
  readonly split: string | null
  readonly manifest: TrainingManifest
  /**
   * The rows in spine order: `spine_row`, the spine's columns, the features, the labels, and for each feature with a
   * default `view__feature__missing`, whether it was missing.
   */
  read(): Promise<ColumnBatch>
}

/**
 * Builds a point-in-time training set: for every spine row, in order, exactly the feature row that would have been
 * served online at its time, and the labels that became known afterwards. The target table is replaced as a whole, or
 * not at all.
 * @throws MartletError BAD_SPINE when the spine lacks rows, keys, times or columns, or has columns that it must not have
 * @throws MartletError BAD_SPLIT when the borders of the split are not in order, or leave a part without rows
 * @throws MartletError BAD_TARGET when `into` is a table that the training set is made from
 * @throws MartletError BAD_IDENTIFIER when `into` is not a table name
 * @throws MartletError NAME_CLASH when a feature or label has the name of another column
 * @throws MartletError SOURCE_MISSING when a table that the definitions read does not exist
 * @throws MartletError SOURCE_MISMATCH when a column does not exist, or has another type
 * @throws MartletError NOT_MATERIALIZED when a feature table does not have the feature times that the spine needs
 * @throws MartletError MATERIALIZED_OTHERWISE when a feature table holds rows of another definition
 * @throws MartletError ON_DEMAND_FUNCTION_MISSING when a function of the service is not at hand
 * @throws MartletError ON_DEMAND_FAILED when a function fails on a row, or gives what its output does not allow
 * @throws MartletError SPINE_ROWS_CHANGED when rows of the spine would be lost or doubled
 * @throws MartletError INVALID_INSTANT when `asOf` is not a point in time
 * @throws MartletError CANCELLED when `signal` is aborted
 */
export async function buildTrainingSet(options: TrainingSetOptions): Promise<TrainingSet> {
  const { warehouse, catalog, onProgress, signal } = options
  const service = 'plan' in options.service ? options.service.plan : options.service
  const labels = (options.labels ?? []).map((label) => ('plan' in label ? label.plan : label))
  const from = options.from ?? 'facts'
  const table = options.into ?? `training.${service.name}`
  const keys = [...serviceKeys(service), ...labels.flatMap((label) => label.entity.keys)]
  const run = signal === undefined ? {} : { signal }
  refuseTarget(table, options.spine, service, labels)
  const functions = options.functions ?? ('plan' in options.service ? options.service.onDemand : [])
  const computations = (plan: FunctionPlan): Computation => computationOf(plan, functions)
  const split = options.split === undefined ? undefined : planSplit(options.split, labels, spineZone(options))
  for (const { plan } of service.onDemand ?? []) if (plan.kind === 'function') computations(plan)
  return warehouse.session(async (session) => {
    await checkSourceTables(session, [...sourcesOf(service, labels, from), ...spineUses(options.spine)])
    const begin =
      onProgress === undefined
        ? undefined
        : (seconds: number): void => onProgress({ done: 0, of: 1, step: 'spine', seconds })
    const staged = await heartbeat(begin, () =>
      stageSpine(session, options.spine, options.time, keys, `${temporaryPrefix()}_spine`, {
        ...run,
        request: serviceRequest(service),
        ...(options.zone === undefined ? {} : { zone: options.zone }),
      }),
    )
    const divided = split === undefined ? undefined : await splitSpine(session, staged, split, run)
    const spine = divided?.spine ?? staged
    if (from === 'materialized') {
      for (const view of viewsRead(service)) if (hasTable(view)) await checkFeatureTable(session, catalog, view, spine)
    }
    const asOf =
      options.asOf === undefined ? await endOfData(session, labels, spine, run) : toMicros(options.asOf, 'asOf')
    const tiles = from === 'tiles' ? await storedTiles(session, service, spine) : new Map<string, MomentTable>()
    const compiled = compileTraining(session.leaves, service, labels, spine, {
      asOf,
      featureTimes: options.featureTimes ?? false,
      from: from === 'materialized' ? 'materialized' : 'facts',
      featureTable: (view) => tableRef(featureTable(view)),
      moments: (view) => tiles.get(view.name),
    })
    refuseClashes(spine, compiled)
    const steps = compiled.prepare.length + compiled.functions.length + 1
    const running = (done: number, step: string): ((seconds: number) => void) | undefined =>
      onProgress === undefined ? undefined : (seconds) => onProgress({ done, of: steps, step, seconds })
    for (const [i, statement] of compiled.prepare.entries())
      await heartbeat(running(i, compiled.parts[i] ?? ''), () => session.run(statement, run))
    const query = await computeFunctions(session, compiled, spine, {
      computations,
      run,
      around: (i, name, work) => heartbeat(running(compiled.prepare.length + i, `on demand ${name}`), work),
    })
    await heartbeat(running(steps - 1, 'join and write'), () => writeTable(session, table, query, spine.rows, run))
    onProgress?.({ done: steps, of: steps, step: table, seconds: 0 })
    return {
      table,
      rows: spine.rows,
      features: compiled.featureColumns,
      labels: compiled.labelColumns,
      missing: compiled.missingColumns,
      keys: [...new Set(keys.map(({ name }) => name))],
      split: divided === undefined ? null : SPLIT,
      manifest: {
        service: service.name,
        serviceHash: service.hash,
        views: Object.fromEntries(definitionsOf(service).map(({ name, hash }) => [name, hash])),
        labels: Object.fromEntries(labels.map((label) => [label.name, labelHash(label)])),
        ...defaultsOf(service),
        from,
        ...(from === 'tiles' ? { tiles: [...tiles.keys()] } : {}),
        ...(isMade(options.spine) ? { spine: spineText(options.spine) } : {}),
        ...(divided === undefined ? {} : { split: divided.text }),
        rows: spine.rows,
        first: isoTime(spine.first),
        last: isoTime(spine.last),
        asOf: isoTime(asOf),
      },
      read: () => warehouse.read(sql`SELECT * FROM ${tableRef(table)} ORDER BY spine_row`),
    }
  })
}

/** Whether a view has a feature table: its rows are neither those of its source nor of any instant. */
function hasTable(view: ViewPlan): boolean {
  return passedThroughOf(view.source) === undefined && !isContinuous(view)
}

function definitionsOf({
  views,
  onDemand = [],
}: ServicePlan): readonly { readonly name: string; readonly hash: string }[] {
  const lookups = views.flatMap(({ via }) => (via === undefined ? [] : [via]))
  const named = [...lookups, ...views].map((read) => ({ name: nameIn(read), hash: read.view.hash }))
  return [...named, ...onDemand.map(({ plan }) => plan)]
}

function defaultsOf({ views }: ServicePlan): Pick<TrainingManifest, 'defaults'> {
  const given = views.flatMap((read): [string, Defaults][] =>
    read.defaults === undefined ? [] : [[nameIn(read), read.defaults]],
  )
  return given.length === 0 ? {} : { defaults: Object.fromEntries(given) }
}

/**
 * The tables to check. From `materialized`, feature tables replace the sources of their views, where they have one.
 */
function sourcesOf(service: ServicePlan, labels: readonly LabelPlan[], from: FeaturesFrom): readonly SourceUse[] {
  const views = viewsRead(service).filter((view) => from !== 'materialized' || !hasTable(view))
  return [...views.flatMap(viewSources), ...labels.flatMap(labelSources)]
}

/** The clock by which the spine's times are meant. */
function spineZone({ zone, spine }: TrainingSetOptions): string {
  if (zone !== undefined) return zone
  return isMade(spine) && spine.plan.kind === 'everyGrid' ? spine.plan.zone : 'UTC'
}

function spineUses(spine: Spine): readonly SourceUse[] {
  return isMade(spine) ? spineSources(spine) : []
}

/** The stored tiles of the views that have them for all of the spine, by the names of the views. */
async function storedTiles(
  session: Warehouse,
  service: ServicePlan,
  spine: CheckedSpine,
): Promise<ReadonlyMap<string, MomentTable>> {
  const found = new Map<string, MomentTable>()
  for (const view of viewsRead(service)) {
    const table = await storedTilesOf(session, view, servedFeatureTime(gridOf(view), view.delay, spine.last))
    if (table !== undefined) found.set(view.name, table)
  }
  return found
}

/**
 * Refuses to replace a table that a training set, or another result called `what`, is made from.
 * @throws MartletError BAD_TARGET when it would be, BAD_IDENTIFIER when `table` is no table name
 */
export function refuseTarget(
  table: string,
  spine: Spine,
  service: ServicePlan,
  labels: readonly LabelPlan[] = [],
  what = 'The training set',
): void {
  splitTableName(table)
  const views = viewsRead(service)
  const read = [
    ...sourcesOf(service, labels, 'facts').map(({ source }) => source.table),
    ...views.map(featureTable),
    ...('table' in spine ? [spine.table] : spineUses(spine).map(({ source }) => source.table)),
  ]
  if (!read.some((one) => one.toLowerCase() === table.toLowerCase())) return
  throw new MartletError(
    'BAD_TARGET',
    `${what} would replace ${table}, which it is made from. Give another table as \`into\`.`,
    { data: { table } },
  )
}

function refuseClashes(spine: CheckedSpine, compiled: CompiledTraining): void {
  const taken = new Set(['spine_row', ...spine.columns.map((name) => name.toLowerCase())])
  const { featureColumns, labelColumns, missingColumns, timeColumns } = compiled
  for (const name of [...featureColumns, ...labelColumns, ...missingColumns, ...timeColumns]) {
    if (taken.has(name.toLowerCase()))
      throw new MartletError(
        'NAME_CLASH',
        `The training set would have two columns named ${name}. Rename the label, or the column of the spine.`,
        { data: { column: name } },
      )
    taken.add(name.toLowerCase())
  }
}

/** Replaces the table, unless a spine row was lost or doubled. */
async function writeTable(session: Warehouse, table: string, query: Sql, rows: number, run: RunOptions): Promise<void> {
  const schema = splitTableName(table).slice(0, -1)
  const check = (written: number): void => {
    if (written === rows) return
    throw new MartletError(
      'SPINE_ROWS_CHANGED',
      `The training set has ${written} rows and the spine ${rows}. Nothing was written. ` +
        'Look for a feature table with two rows for one key and time.',
      { data: { table, written, rows } },
    )
  }
  await unitOfWork(session, async (unit) => {
    if (schema.length > 0) await ensureSchema(unit, schema.join('.'))
    await replaceTable(unit, { table, rows: query, orderBy: ['spine_row'], check }, run)
  })
}

function isoTime(micros: bigint): string {
  return new Date(Number(micros / 1000n)).toISOString()
}
