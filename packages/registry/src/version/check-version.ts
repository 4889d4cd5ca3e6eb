import { MartletError } from '@martlet/warehouse'
import { readTensorGraph } from '../artifact/onnx/tensor-graph.ts'
import { runTrial } from '../run/trial.ts'
import type { RegistryContext } from '../registry-context.ts'
import type { ModelVersion } from './model-version.ts'
import { readVersion } from './read-versions.ts'

/**
 * Verifies a version's artifact and runs it again, then records the outcome: `READY`, or `FAILED` with the reason. A failed version
 * gets no aliases but keeps those it has. Worth doing after an upgrade of the runtime or a restore from a backup.
 */
export async function checkVersion(context: RegistryContext, model: string, version: number): Promise<ModelVersion> {
  const { artifact, signature, goldenRows } = await readVersion(context, model, version)
  const runtime = await context.runtime()
  const failure = await context.artifacts
    .get(artifact.sha256)
    .then((bytes) => runTrial(model, readTensorGraph(bytes).bytes, signature, goldenRows, runtime, context.trial))
    .then(
      () => undefined,
      (error: unknown) => {
        if (error instanceof MartletError) return error.message
        throw error
      },
    )
  await context.dialect.exclusive(context.db, (db) =>
    db
      .updateTable('model_versions')
      .set({
        status: failure === undefined ? 'READY' : 'FAILED',
        status_message: failure ?? '',
        updated_ms: context.now(),
      })
      .where('model', '=', model)
      .where('version', '=', version)
      .execute(),
  )
  return readVersion(context, model, version)
}
