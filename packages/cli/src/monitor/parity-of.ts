import { runParity, type DriftResult, type Mute, type PolicyOptions, type TimeWindow } from '@martlet/drift'
import { MartletError, type Warehouse } from '@martlet/warehouse'
import type { ParityConfig } from '../config/parity-config.ts'
import type { Project } from '../project/project.ts'

/** What a comparison of logged vectors is run with. */
export interface ParityRun {
  readonly name: string
  readonly parity: ParityConfig
  readonly warehouse: Warehouse
  readonly windows: readonly TimeWindow[] | undefined
  readonly now: Date
  readonly policy: PolicyOptions
  /** @default none */
  readonly mutes?: readonly Mute[]
  /** @default true */
  readonly record?: boolean
}

/** Compares the logged vectors of a model with what the project's definitions give. */
export async function parityOf(project: Project, run: ParityRun): Promise<DriftResult> {
  const { name, parity, windows, ...rest } = run
  if (windows === undefined)
    throw new MartletError(
      'CONFIG_INVALID',
      `Monitor ${name} compares logged vectors window by window. Give it a \`window\` such as 7d.`,
      { data: { monitor: name } },
    )
  const { services, sources } = await project.definitions()
  return runParity({
    ...parity,
    ...rest,
    windows,
    monitor: name,
    services: [...services.values()],
    sources: [...sources.values()],
    reads: await readsOf(project, parity.model),
    catalog: await project.catalog(),
  })
}

/** The features that the registered versions of a model read. */
async function readsOf(project: Project, model: string): Promise<ReadonlyMap<number, readonly string[]>> {
  const versions = await (await project.registry()).versions({ model })
  return new Map(versions.map(({ version, signature }) => [version, signature.fields.map(({ field }) => field)]))
}
