import { bindParameters, MartletError } from '@martlet/warehouse'
import type { Leaves, LoadStep, SliceStep, SnapshotStep, Sql, StepSource } from '@martlet/warehouse'
import type { LoadConfig, MergeLoadConfig, SliceLoadConfig } from '../config/step-config.ts'
import { suggestion } from '../config/suggestion.ts'
import { fillText, placeholderValue } from '../parameters/fill-parameters.ts'
import { boundValue, parameterValues } from '../parameters/parameter-values.ts'
import type { Project } from './project.ts'
import { isQueryFile, readQueryFile } from './query-file.ts'

/** A load that merges what has arrived, or one that replaces some days. */
export type LoadToRun =
  | { readonly kind: 'merge'; readonly name: string; readonly step: LoadStep }
  | { readonly kind: 'slice'; readonly name: string; readonly step: SliceStep }

export interface LoadChoice {
  readonly steps: readonly LoadToRun[]
  /** Loads that were not named, and whose parameters were not given. */
  readonly left: readonly string[]
}

/**
 * The loads of a configuration in their order: those that are named, or all whose parameters are given.
 * @throws MartletError LOAD_UNKNOWN when there is none of that name
 * @throws MartletError USAGE when a parameter is missing, or the file of a query cannot be read, or has not exactly one statement
 */
export async function loadSteps(
  project: Project,
  names: readonly string[],
  set: ReadonlyMap<string, string> = new Map(),
): Promise<LoadChoice> {
  const loads = chosen(project.config.loads ?? [], names, 'load')
  const left = names.length > 0 ? [] : loads.filter((load) => isLacking(load, set)).map(({ name }) => name)
  const wanted = loads.filter(({ name }) => !left.includes(name))
  refuseUnused(wanted, set)
  const steps = wanted.map((load): Promise<LoadToRun> =>
    load.slice === undefined ? mergeLoad(project, load) : sliceLoad(project, load, set),
  )
  return { steps: await Promise.all(steps), left }
}

async function mergeLoad(project: Project, load: MergeLoadConfig): Promise<LoadToRun> {
  const { name, from, overlap, slice: _, parameters: __, ...rest } = load
  const step = {
    ...rest,
    name,
    from: await stepSource(project, from, `The query of load ${name},`),
    ...(overlap === undefined ? {} : { overlap: lengthMicros(overlap) }),
  }
  return { kind: 'merge', name, step }
}

async function sliceLoad(
  project: Project,
  { name, from, into, key, slice, parameters = {} }: SliceLoadConfig,
  set: ReadonlyMap<string, string>,
): Promise<LoadToRun> {
  const given = new Map([...set].filter(([parameter]) => parameter in parameters))
  const flag = (parameter: string): string => `--set ${parameter}=…`
  const values = parameterValues(parameters, given, { of: `load ${name}`, flag, zone: 'UTC' })
  const days = { from: fillText(slice.from, values, 'UTC'), to: fillText(slice.to, values, 'UTC') }
  const what = `The query of load ${name},`
  const source = await stepSource(project, from, what, (placeholder, leaves) => {
    const value = placeholderValue(placeholder, values)
    if (value !== undefined) return boundValue(value, leaves)
    const known = Object.keys(parameters)
    const there = known.length === 0 ? 'It has no parameters.' : `Its parameters are ${known.join(', ')}.`
    throw new MartletError('USAGE', `${what} has ${placeholder}, which is no parameter of the load. ${there}`, {
      data: { load: name, placeholder },
    })
  })
  return { kind: 'slice', name, step: { name, from: source, into, key, slice: { ...slice, ...days } } }
}

function isLacking({ parameters = {} }: LoadConfig, set: ReadonlyMap<string, string>): boolean {
  return Object.entries(parameters).some(([name, config]) => typeof config === 'string' && !set.has(name))
}

/** @throws MartletError USAGE when a value is for no load that runs */
function refuseUnused(loads: readonly LoadConfig[], set: ReadonlyMap<string, string>): void {
  const known = [...new Set(loads.flatMap(({ parameters = {} }) => Object.keys(parameters)))]
  const unused = [...set.keys()].find((name) => !known.includes(name))
  if (unused === undefined) return
  const there = known.length === 0 ? 'They have none.' : suggestion(unused, known, 'parameters')
  throw new MartletError('USAGE', `None of these loads has a parameter ${unused}. ${there}`, { data: { name: unused } })
}

/**
 * The snapshots of a configuration in their order: all, or those that are named.
 * @throws MartletError SNAPSHOT_UNKNOWN when there is none of that name
 * @throws MartletError USAGE when the file of a query cannot be read, or has not exactly one statement
 */
export async function snapshotSteps(project: Project, names: readonly string[]): Promise<readonly SnapshotStep[]> {
  const snapshots = chosen(project.config.snapshots ?? [], names, 'snapshot')
  return Promise.all(
    snapshots.map(async ({ from, overlap, ...step }) => ({
      ...step,
      from: await stepSource(project, from, `The query of snapshot ${step.name},`),
      ...(overlap === undefined ? {} : { overlap: lengthMicros(overlap) }),
    })),
  )
}

const unknownCodes = { load: 'LOAD_UNKNOWN', snapshot: 'SNAPSHOT_UNKNOWN' } as const

function chosen<S extends { readonly name: string }>(
  steps: readonly S[],
  names: readonly string[],
  what: keyof typeof unknownCodes,
): readonly S[] {
  const known = steps.map(({ name }) => name)
  const unknown = names.find((name) => !known.includes(name))
  if (unknown !== undefined)
    throw new MartletError(
      unknownCodes[what],
      `There is no ${what} called ${unknown} in the configuration. ${suggestion(unknown, known, `${what}s`)}`,
      { data: { name: unknown } },
    )
  return names.length === 0 ? steps : steps.filter(({ name }) => names.includes(name))
}

async function stepSource(
  project: Project,
  from: string,
  what: string,
  bound?: (placeholder: string, leaves: Leaves) => Sql,
): Promise<StepSource> {
  if (!isQueryFile(from)) return { table: from }
  const { text, query, file, line } = await readQueryFile(from, project.folder, what)
  if (bound === undefined) return { query, file: { file, line } }
  const { leaves } = await project.warehouse()
  return { query: bindParameters(text, (placeholder) => bound(placeholder, leaves)), file: { file, line } }
}

const UNIT_MINUTES: Readonly<Record<string, number>> = { m: 1, h: 60, d: 1440, w: 10_080 }

/** Microseconds of a length such as `10m`, which the configuration has checked. */
function lengthMicros(length: string): bigint {
  const minutes = Number(length.slice(0, -1)) * (UNIT_MINUTES[length.slice(-1)] ?? 0)
  return BigInt(Math.round(minutes * 60_000_000))
}
