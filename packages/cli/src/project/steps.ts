import { MartletError, type LoadStep, type SnapshotStep, type StepSource } from '@martlet/warehouse'
import { suggestion } from '../config/suggestion.ts'
import type { Project } from './project.ts'
import { isQueryFile, readQueryFile } from './query-file.ts'

/**
 * The loads of a configuration in their order: all, or those that are named.
 * @throws MartletError LOAD_UNKNOWN when there is none of that name
 * @throws MartletError USAGE when the file of a query cannot be read, or has not exactly one statement
 */
export async function loadSteps(project: Project, names: readonly string[]): Promise<readonly LoadStep[]> {
  const loads = chosen(project.config.loads ?? [], names, 'load')
  return Promise.all(
    loads.map(async ({ from, overlap, ...step }) => ({
      ...step,
      from: await stepSource(project, from, `The query of load ${step.name},`),
      ...(overlap === undefined ? {} : { overlap: lengthMicros(overlap) }),
    })),
  )
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

async function stepSource({ folder }: Project, from: string, what: string): Promise<StepSource> {
  if (!isQueryFile(from)) return { table: from }
  const { query, file, line } = await readQueryFile(from, folder, what)
  return { query, file: { file, line } }
}

const UNIT_MINUTES: Readonly<Record<string, number>> = { m: 1, h: 60, d: 1440, w: 10_080 }

/** Microseconds of a length such as `10m`, which the configuration has checked. */
function lengthMicros(length: string): bigint {
  const minutes = Number(length.slice(0, -1)) * (UNIT_MINUTES[length.slice(-1)] ?? 0)
  return BigInt(Math.round(minutes * 60_000_000))
}
