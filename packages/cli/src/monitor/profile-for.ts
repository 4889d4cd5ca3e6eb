import { calendarColumns, profileOfColumns, readProfile, vectorColumns, type ReferenceProfile } from '@martlet/drift'
import { fieldSources, vectorFields, type ServicePlan } from '@martlet/feature-store'
import { MartletError, type Warehouse } from '@martlet/warehouse'
import type { MonitorConfig } from '../config/martlet-config.ts'
import { looksBack } from '../config/reference-config.ts'
import { named } from '../project/definitions.ts'
import type { Project } from '../project/project.ts'

/** The definitions of a monitor's rows: its service, or a service of its view; undefined for tables and logs. */
export async function definitionsOf(project: Project, monitor: MonitorConfig): Promise<ServicePlan | undefined> {
  const { service, view } = monitor
  if (service !== undefined) return named((await project.definitions()).services, service, 'service').plan
  if (view === undefined) return undefined
  const { plan } = named((await project.definitions()).views, view, 'view')
  return { name: view, views: [{ view: plan, features: plan.features.map(({ name }) => name) }], hash: plan.hash }
}

/**
 * The profile that a monitor names. A monitor that looks back needs none: without one it compares the columns of its
 * definitions, or all columns of its table but its time and those that it ignores.
 *
 * @throws MartletError PROFILE_NOT_FOUND when there is none and the monitor needs one
 * @throws MartletError TABLE_NOT_FOUND when its table does not exist
 */
export async function profileFor(
  warehouse: Warehouse,
  monitor: MonitorConfig,
  definitions: ServicePlan | undefined,
): Promise<ReferenceProfile> {
  const name = monitor.profile ?? monitor.service ?? monitor.name
  try {
    return await readProfile(warehouse, name)
  } catch (error) {
    const absent = error instanceof MartletError && error.code === 'PROFILE_NOT_FOUND'
    if (!absent || !looksBack(monitor.reference ?? {}) || monitor.profile !== undefined) throw error
    if (definitions !== undefined) {
      const calendar = calendarColumns(definitions)
      const sources = fieldSources(definitions)
      return profileOfColumns(name, vectorColumns(vectorFields(definitions), { calendar, sources }))
    }
    const { table, time, weight, ignore = [] } = monitor
    const columns = table === undefined ? undefined : await warehouse.introspect(table)
    if (columns === undefined)
      throw table === undefined
        ? error
        : new MartletError(
            'TABLE_NOT_FOUND',
            `Monitor ${monitor.name} reads ${table}, but the warehouse has no such table. Correct \`table\`, or create it.`,
            { data: { monitor: monitor.name, table } },
          )
    const left = new Set([...ignore, time, weight].map((column) => column?.toLowerCase()))
    return profileOfColumns(
      name,
      columns
        .filter((column) => !left.has(column.name.toLowerCase()))
        .map(({ name: of, type }) => ({ name: of, type })),
    )
  }
}
