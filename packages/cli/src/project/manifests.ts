import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { TrainingManifest } from '@martlet/feature-store'
import { MartletError } from '@martlet/warehouse'
import { z } from 'zod'
import type { Project } from './project.ts'

/** The folder next to the artifacts. */
export const MANIFESTS_FOLDER = 'training-sets'

/** A manifest as it is kept; `erased` lists what was removed from the set since it was made. */
export type Manifest = Readonly<Record<string, z.infer<ReturnType<typeof z.json>>>>

/** Writes the manifest of a training set next to the artifacts and returns its path. */
export async function writeManifest(
  project: Project,
  name: string,
  manifest: TrainingManifest | Manifest,
): Promise<string> {
  const file = manifestFile(project, name)
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  await writeFile(`${file}.new`, `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600 })
  await rename(`${file}.new`, file)
  return file
}

/**
 * The manifest of the training set of that name that was built last.
 * @throws MartletError TRAINING_SET_UNKNOWN when there is none
 */
export async function readManifest(project: Project, name: string): Promise<Manifest> {
  const file = manifestFile(project, name)
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new MartletError(
      'TRAINING_SET_UNKNOWN',
      `There is no manifest ${file}. Build it with \`martlet training-set ${name}\`.`,
      { data: { name }, cause },
    )
  })
  return z.record(z.string(), z.json()).parse(JSON.parse(text))
}

/** The same, or undefined when there is none. */
export async function findManifest(project: Project, name: string): Promise<Manifest | undefined> {
  try {
    return await readManifest(project, name)
  } catch (error) {
    if (error instanceof MartletError && error.code === 'TRAINING_SET_UNKNOWN') return undefined
    throw error
  }
}

/** Names may have slashes. */
function manifestFile(project: Project, name: string): string {
  return join(project.paths.artifacts, MANIFESTS_FOLDER, `${encodeURIComponent(name)}.json`)
}
