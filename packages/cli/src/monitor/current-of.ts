import { globSync } from 'node:fs'
import { join } from 'node:path'
import {
  finishedFiles,
  keptColumns,
  referenceStretches,
  workTable,
  type CurrentRows,
  type ReferenceProfile,
  type TimeWindow,
} from '@martlet/drift'
import { buildTrainingSet, entityIn, isContinuous, nameIn, serviceKeys } from '@martlet/feature-store'
import type { AnyFeatureService, ServicePlan, ViewPlan, ViewRead } from '@martlet/feature-store'
import { dropTable, MartletError, sql, tableRef, type Sql, type Warehouse } from '@martlet/warehouse'
import type { MonitorConfig } from '../config/martlet-config.ts'
import { named } from '../project/definitions.ts'
import type { Project } from '../project/project.ts'

interface Comparison {
  readonly warehouse: Warehouse
  readonly windows: readonly TimeWindow[] | undefined
  readonly profile: ReferenceProfile
}

/** Calls `work` with the rows that a monitor names, and the part of the profile that they can have. */
export async function withCurrent<T>(
  project: Project,
  monitor: MonitorConfig,
  of: Comparison,
  work: (current: CurrentRows, profile: ReferenceProfile) => Promise<T>,
): Promise<T> {
  const shared = {
    ...(monitor.time === undefined ? {} : { time: monitor.time }),
    ...(monitor.ignore === undefined ? {} : { ignore: monitor.ignore }),
    ...(monitor.entity === undefined ? {} : { entity: monitor.entity }),
    ...(monitor.weight === undefined ? {} : { weight: monitor.weight }),
  }
  const { service, view, model, table } = monitor
  if (service !== undefined)
    return withVectors(named((await project.definitions()).services, service, 'service'), monitor, of, work)
  if (view !== undefined) {
    const { plan } = named((await project.definitions()).views, view, 'view')
    if (isContinuous(plan)) throw withoutRows(monitor, view)
    const ignore = [...(monitor.ignore ?? []), ...keysOf(plan), 'run_id']
    return work({ featureTable: `features.${view}`, view, entity: keysOf(plan), ...shared, ignore }, of.profile)
  }
  if (model !== undefined) return work({ log: logFiles(project, monitor.name, model), ...shared }, of.profile)
  if (table !== undefined) return work({ relation: table, ...shared }, of.profile)
  throw new MartletError(
    'CONFIG_INVALID',
    `Monitor ${monitor.name} does not say where its rows are. Give one of service, view, model, table, truth and parity.`,
    { data: { monitor: monitor.name } },
  )
}

function withoutRows({ name }: MonitorConfig, view: string): MartletError {
  return new MartletError(
    'CONFIG_INVALID',
    `Monitor ${name}: view ${view} is continuous, so it has no table of rows. Monitor the \`model\` that reads it, whose log has ` +
      'the vectors, or a `service` that reads it beside a view with a grid.',
    { data: { monitor: name, view } },
  )
}

/** Every vector that the service would have returned at each closed feature time: materialized views, joined as in training. */
async function withVectors<T>(
  service: AnyFeatureService,
  monitor: MonitorConfig,
  { warehouse, windows, profile }: Comparison,
  work: (current: CurrentRows, profile: ReferenceProfile) => Promise<T>,
): Promise<T> {
  const keys = serviceKeys(service.plan).map(({ name }) => name)
  const driver = service.plan.views
    .map((read): ViewRead => read.via ?? read)
    .filter(({ view }) => !isContinuous(view))
    .find((read) => {
      const its = entityIn(read).keys.map(({ name }) => name)
      return keys.every((key) => its.includes(key))
    })
  if (driver === undefined) {
    throw new MartletError(
      'CONFIG_INVALID',
      `Monitor ${monitor.name}: no view of service ${service.name} with rows at feature times has all of its keys (${keys.join(', ')}), ` +
        'so its vectors cannot be listed. Monitor its views one by one with `view`, or the `model` that reads it.',
      { data: { monitor: monitor.name, service: service.name } },
    )
  }
  if ((await warehouse.introspect(`features.${driver.view.name}`)) === undefined) {
    throw new MartletError(
      'TABLE_NOT_FOUND',
      `Monitor ${monitor.name} reads features.${driver.view.name}, which has not been computed. Run \`martlet materialize\` first.`,
      { data: { view: driver.view.name } },
    )
  }
  const into = workTable('current', monitor.name)
  const earlier = referenceStretches(monitor.reference ?? {}, windows ?? [])
  const spine = spineQuery(warehouse, driver, keys, windows === undefined ? undefined : [...windows, ...earlier])
  const rows = await warehouse.read(sql`SELECT 1 FROM (${spine}) spine LIMIT 1`)
  const columns = service.plan.views.flatMap((read) => read.features.map((feature) => `${nameIn(read)}__${feature}`))
  const readable = {
    ...profile,
    columns: keptColumns(profile.columns, ({ name, role }) => role === 'weight' || columns.includes(name)),
  }
  const shape = {
    time: 'observed_at',
    entity: monitor.entity ?? keys,
    ...(monitor.weight === undefined ? {} : { weight: monitor.weight }),
    ignore: [...keys, 'spine_row', ...(monitor.ignore ?? [])],
    rowKind: 'featureRows' as const,
  }
  if (rows.rows === 0) {
    const empty = sql`SELECT * FROM (${spine}) spine`
    return work({ relation: empty, ...shape }, readable)
  }
  try {
    await buildTrainingSet({
      warehouse,
      service: storedPart(service.plan),
      spine: { query: spine },
      time: 'observed_at',
      from: 'materialized',
      into,
    })
    return await work({ relation: into, ...shape }, readable)
  } finally {
    await dropTable(warehouse, into)
  }
}

/** A service without what is computed on demand: no table has what requests brought. */
function storedPart({ name, hash, views }: ServicePlan): ServicePlan {
  return { name, hash, views: views.map(({ inputs: _, defaults: __, ...read }) => read) }
}

/** Keys, and the instants from which their rows are served. */
function spineQuery(
  warehouse: Warehouse,
  read: ViewRead,
  keys: readonly string[],
  windows: readonly TimeWindow[] | undefined,
): Sql {
  const { leaves } = warehouse
  const { view } = read
  const asked = entityIn(read).keys.map(({ name }) => name)
  const columns = keys.map((key) => sql`${sql.id(view.entity.keys[asked.indexOf(key)]?.name ?? key)} AS ${sql.id(key)}`)
  const observed = leaves.addMicros(sql.id('feature_time'), view.delay)
  const stretches = (windows ?? []).map(
    ({ from, to }) => sql`
      (${observed} >= ${leaves.timestamp(from.getTime() * 1000)}
        AND ${observed} < ${leaves.timestamp(to.getTime() * 1000)})
    `,
  )
  const within = stretches.length === 0 ? sql`1 = 1` : sql.join(stretches, sql` OR `)
  return sql`
    SELECT ${sql.join(columns)}, ${observed} AS observed_at
    FROM ${tableRef(`features.${view.name}`)}
    WHERE ${within}
    ORDER BY ${sql.join([sql`observed_at`, ...keys.map((key) => sql.id(key))])}
  `
}

function logFiles(project: Project, monitor: string, model: string): readonly string[] {
  const { log } = project.paths
  if (log === null)
    throw new MartletError(
      'CONFIG_INVALID',
      `Monitor ${monitor} reads the predictions of ${model}, but predictions are not logged. Set serving.log.folder.`,
      { data: { monitor } },
    )
  // The log names the folders of models like this.
  const folder = join(
    log,
    encodeURIComponent(model).replace(/^\.+/, (dots) => '%2E'.repeat(dots.length)),
  )
  const files = [...finishedFiles(folder), ...globSync('**/*.parquet', { cwd: folder })]
    .map((file) => join(folder, file))
    .toSorted()
  if (files.length > 0) return files
  throw new MartletError(
    'LOG_EMPTY',
    `Monitor ${monitor} found no finished prediction log in ${folder}. ` +
      'Files are finished every few minutes while `martlet serve` runs, and when it stops.',
    { data: { monitor, folder } },
  )
}

function keysOf(view: ViewPlan): readonly string[] {
  return view.entity?.keys.map(({ name }) => name) ?? []
}
