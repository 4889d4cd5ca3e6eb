import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { TrainingTable } from '@martlet/feature-store'
import type { JsonValue } from '@martlet/registry'
import { keptAs, trainingTable } from '../config/training-tables.ts'
import { findManifest, MANIFESTS_FOLDER, writeManifest } from '../project/manifests.ts'
import type { Project } from '../project/project.ts'
import { noFolder } from './no-folder.ts'

/** The tables of the configured training sets, and of those that have a manifest. */
export async function trainingTables(project: Project): Promise<readonly TrainingTable[]> {
  const sets = project.config.trainingSets ?? []
  const configured = sets.map((set) => ({ table: trainingTable(set), service: set.service }))
  const files = await readdir(join(project.paths.artifacts, MANIFESTS_FOLDER)).catch(noFolder)
  const kept = await Promise.all(
    files
      .filter((file) => file.endsWith('.json'))
      .map(async (file): Promise<readonly TrainingTable[]> => {
        const name = decodeURIComponent(file.slice(0, -'.json'.length))
        if (sets.some((set) => set.name === name)) return []
        const service = (await findManifest(project, name))?.['service']
        const table = name.replace(/^table /, '')
        return [
          {
            table: table.includes('.') ? table : `training.${table}`,
            ...(typeof service === 'string' ? { service } : {}),
          },
        ]
      }),
  )
  return [...configured, ...kept.flat()]
}

export interface ErasedRows {
  readonly table: string
  readonly rowsBefore: number
  readonly rowsAfter: number
}

/**
 * Records in the manifest of a training set, and in every model version trained on it, that rows were erased. It comes before
 * the rows are deleted, so that a process that dies leaves a manifest that says so too early, never one that does not.
 */
export async function noteInManifest(project: Project, { table, rowsBefore, rowsAfter }: ErasedRows): Promise<void> {
  const name = keptAs(table, project.config.trainingSets ?? [])
  const manifest = await findManifest(project, name)
  if (manifest === undefined) return
  const before = Array.isArray(manifest['erased']) ? manifest['erased'] : []
  const last = before.at(-1)
  // An erasure that died before it deleted the rows has recorded the same ones.
  const again = isNote(last) && last['rowsBefore'] === rowsBefore
  const begun = again ? last['at'] : undefined
  const note = { at: typeof begun === 'string' ? begun : new Date().toISOString(), rowsBefore, rowsAfter }
  await writeManifest(project, name, {
    ...manifest,
    rows: rowsAfter,
    erased: [...(again ? before.slice(0, -1) : before), note],
  })
  await (
    await project.registry()
  ).noteTrainingSet({ note, matches: (trainingSet) => identity(trainingSet) === identity(manifest) })
}

/** What a manifest says about how the set was made, whatever has been erased from it. */
function identity(manifest: JsonValue): string {
  if (typeof manifest !== 'object' || manifest === null || Array.isArray(manifest)) return JSON.stringify(manifest)
  return JSON.stringify(
    Object.entries(manifest)
      .filter(([name]) => name !== 'rows' && name !== 'erased')
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  )
}

function isNote(value: unknown): value is { readonly [key: string]: JsonValue } {
  return typeof value === 'object' && value !== null && 'rowsBefore' in value
}
