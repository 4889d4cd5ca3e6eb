import { join } from 'node:path'
import { folderArtifacts, type ArtifactStore } from '@martlet/registry'
import { prepareFolder } from '../../place/prepare-folder.ts'
import type { Project } from '../../project/project.ts'

/** The files that jobs of a project wrote, beside those of its models. */
export function jobArtifacts({ paths }: Pick<Project, 'paths'>): ArtifactStore {
  prepareFolder(paths.artifacts, 'artifacts.folder')
  return folderArtifacts(join(paths.artifacts, 'jobs'))
}
