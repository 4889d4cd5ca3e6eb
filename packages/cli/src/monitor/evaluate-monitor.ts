import { keptColumns, runDrift, type DriftResult, type Mute, type ReferenceProfile } from '@martlet/drift'
import { MartletError, type Warehouse } from '@martlet/warehouse'
import { readMutes } from '../alert/muted-rows.ts'
import type { MonitorConfig } from '../config/martlet-config.ts'
import { suggestion } from '../config/suggestion.ts'
import type { Project } from '../project/project.ts'
import { withCurrent } from './current-of.ts'
import { parityOf } from './parity-of.ts'
import { definitionsOf, profileFor } from './profile-for.ts'
import { truthOf } from './truth-of.ts'
import { windowsOf, type WindowChoice } from './windows-of.ts'

export interface Evaluation {
  readonly result: DriftResult
  /** Columns that are muted, and that the monitor does not have. */
  readonly idle: readonly string[]
}

/** Runs a monitor; with the columns that are muted although it has none of that name. */
export async function evaluateMonitor(
  project: Project,
  monitor: MonitorConfig,
  choice: WindowChoice,
  failOn: 'warn' | 'crit' | undefined,
): Promise<Evaluation> {
  const now = new Date()
  const windows = windowsOf(monitor, choice, now)
  const warehouse = await project.warehouse()
  const policy = { ...monitor.policy, ...(failOn === undefined ? {} : { failOn }) }
  const { name, truth, parity } = monitor
  const mutes = await readMutes((await project.catalog()).db, monitor.name, now.toISOString())
  if (parity !== undefined) {
    const result = await parityOf(project, { name, parity, warehouse, windows, now, policy, mutes })
    return { result, idle: idleMutes(mutes, result, []) }
  }
  // A mute may be of a segment, of which no row may have come.
  if (truth !== undefined)
    return { result: await truthOf(project, { name, truth, warehouse, windows, now, policy, mutes }), idle: [] }
  const definitions = await definitionsOf(project, monitor)
  const stored = await profileFor(warehouse, monitor, definitions)
  const { columns: wanted } = monitor
  const unknown = wanted?.find((column) => stored.columns.every(({ name }) => name !== column))
  if (unknown !== undefined) {
    throw new MartletError(
      'CONFIG_INVALID',
      `Monitor ${monitor.name} names column ${unknown}, which profile ${stored.name} does not have. ${suggestion(
        unknown,
        stored.columns.map(({ name }) => name),
        'columns',
      )}`,
      { data: { monitor: monitor.name, column: unknown } },
    )
  }
  const rows = await referenceRows(warehouse, monitor, stored)
  const profile = {
    ...stored,
    columns: keptColumns(stored.columns, ({ name, role }) => {
      if (wanted !== undefined) return role === 'weight' || wanted.includes(name)
      return role !== 'label' || monitor.table !== undefined
    }),
  }
  const result = await withCurrent(project, monitor, { warehouse, windows, profile }, (current, readable) =>
    runDrift({
      warehouse,
      profile: readable,
      current,
      ...(windows === undefined ? {} : { windows }),
      ...(monitor.reference === undefined ? {} : { against: monitor.reference }),
      ...(rows === undefined ? {} : { reference: rows }),
      ...(definitions === undefined ? {} : { definitions }),
      monitor: monitor.name,
      now,
      mutes,
      policy,
      ...(monitor.estimate === undefined ? {} : { estimate: monitor.estimate }),
    }),
  )
  return { result, idle: idleMutes(mutes, result, stored.columns) }
}

/**
 * The table of the profile's rows, if the monitor names one.
 *
 * @throws MartletError TABLE_NOT_FOUND when it does not exist
 * @throws MartletError CONFIG_INVALID when it lacks a column of the profile
 */
async function referenceRows(
  warehouse: Warehouse,
  { name, referenceRows: table }: MonitorConfig,
  profile: ReferenceProfile,
): Promise<string | undefined> {
  if (table === undefined) return undefined
  const columns = await warehouse.introspect(table)
  if (columns === undefined)
    throw new MartletError(
      'TABLE_NOT_FOUND',
      `Monitor ${name} has the reference rows ${table}, but the warehouse has no such table. Correct \`referenceRows\`, or make it.`,
      { data: { monitor: name, table } },
    )
  const there = new Set(columns.map((column) => column.name.toLowerCase()))
  const lacking = profile.columns.find(
    (column) => column.derived === undefined && !there.has(column.name.toLowerCase()),
  )
  if (lacking !== undefined)
    throw new MartletError(
      'CONFIG_INVALID',
      `Monitor ${name} has the reference rows ${table}, which lack column ${lacking.name} of profile ${profile.name}. ` +
        'Name the table that the profile was made of.',
      { data: { monitor: name, table, column: lacking.name } },
    )
  return table
}

function idleMutes(
  mutes: readonly Mute[],
  { columns, windows }: DriftResult,
  profiled: readonly { readonly name: string }[],
): readonly string[] {
  const known = new Set([
    ...[...columns, ...profiled].map(({ name }) => name),
    ...windows.flatMap(({ findings }) => findings.map(({ column }) => column)),
    ...windows.flatMap(({ parity }) =>
      [...(parity?.features ?? []), ...(parity?.notCompared ?? [])].map((one) => one.feature),
    ),
  ])
  return mutes.flatMap((mute) => ('column' in mute && !known.has(mute.column) ? [mute.column] : []))
}
