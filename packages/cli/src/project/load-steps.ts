import { MartletError, type LoadStep, type StepSource } from '@martlet/warehouse'
import { suggestion } from '../config/suggestion.ts'
import type { LoadConfig } from '../config/step-config.ts'
import type { Project } from './project.ts'
import { isQueryFile, readQueryFile } from './query-file.ts'

/**
 * The loads of a configuration in their order: all, or those that are named.
 * @throws MartletError LOAD_UNKNOWN when there is none of that name
 * @throws MartletError USAGE when the file of a query cannot be read, or has not exactly one statement
 */
export async function loadSteps(project: Project, names: readonly string[]): Promise<readonly LoadStep[]> {
  return Promise.all(chosen(project.config.loads ?? [], names).map((config) => loadStep(project, config)))
}

function chosen(loads: readonly LoadConfig[], names: readonly string[]): readonly LoadConfig[] {
  const known = loads.map(({ name }) => name)
  const unknown = names.find((name) => !known.includes(name))
  if (unknown !== undefined)
    throw new MartletError(
      'LOAD_UNKNOWN',
      `There is no load called ${unknown} in the configuration. ${suggestion(unknown, known, 'loads')}`,
      { data: { name: unknown } },
    )
  return names.length === 0 ? loads : loads.filter(({ name }) => names.includes(name))
}

async function loadStep(project: Project, { from, overlap, ...config }: LoadConfig): Promise<LoadStep> {
  return {
    ...config,
    from: await stepSource(project, from, `The query of load ${config.name},`),
    ...(overlap === undefined ? {} : { overlap: lengthMicros(overlap) }),
  }
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
