import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Job } from '@martlet/serving'
import type { CommandContext } from '../../command/run-command.ts'
import type { Project } from '../../project/project.ts'
import { artifactsIn } from './artifacts-in.ts'
import { jobArtifacts } from './job-artifacts.ts'

/** Writes the files of a job into a folder, under their names, and returns the paths. */
export async function writeArtifacts(
  { exporting }: Pick<CommandContext, 'exporting'>,
  project: Project,
  job: Job,
  folder: string,
): Promise<readonly string[]> {
  const store = jobArtifacts(project)
  const files: string[] = []
  for (const { name, sha256 } of artifactsIn(job.result)) {
    const bytes = await store.get(sha256)
    const path = join(resolve(folder), name)
    exporting(() => {
      mkdirSync(resolve(folder), { recursive: true })
      writeFileSync(path, bytes)
    })
    files.push(path)
  }
  return files
}
