import type { RegistryContext } from '../registry-context.ts'
import { resolveVersion } from '../promote/resolve.ts'

/** The file of a version. */
export interface ModelArtifact {
  readonly model: string
  readonly version: number
  readonly sha256: string
  readonly bytes: Uint8Array
}

/**
 * Reads the file of a version that is not deleted, by number or alias.
 *
 * @throws MartletError MODEL_NOT_FOUND when there is no such model
 * @throws MartletError ALIAS_NOT_FOUND when the model has no such alias
 * @throws MartletError VERSION_NOT_FOUND when the model has no such version, or it was deleted
 * @throws MartletError ARTIFACT_MISSING when the file is not in the artifact store
 * @throws MartletError ARTIFACT_CORRUPT when the file has other bytes than were registered
 */
export async function readArtifact(
  context: RegistryContext,
  model: string,
  reference: string | number,
): Promise<ModelArtifact> {
  const { version, artifact } = await resolveVersion(context, model, reference)
  return { model, version, sha256: artifact.sha256, bytes: await context.artifacts.get(artifact.sha256) }
}
