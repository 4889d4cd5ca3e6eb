import { loadModel, type IsolationOptions, type ModelVersion, type Registry, type TensorSpec } from '@martlet/registry'
import { MartletError } from '@martlet/warehouse'
import { typeName } from '../type-name.ts'
import type { ModelSource, ServableModel, TensorSlot } from './model-source.ts'
import type { VersionAnswer } from './registered-model.ts'

/** How models are kept from harming the server: see `loadModel`. */
export interface RegistryModelsOptions extends Pick<
  IsolationOptions,
  'isolation' | 'rows' | 'threads' | 'threadFromMs'
> {
  /** Milliseconds that one run may take. @default 10000 */
  readonly runMs?: number
}

/** Serves the models of a registry. */
export function registryModels(registry: Registry, { runMs, ...rest }: RegistryModelsOptions = {}): ModelSource {
  const options: IsolationOptions = runMs === undefined ? rest : { ...rest, limits: { runMs } }
  return {
    aliases: () => registry.aliases(),
    load: (model, version) => load(registry, model, version, options),
    rollouts: () => registry.rollouts.list({ running: true }),
    writeEvidence: (records) => registry.rollouts.writeEvidence(records),
    async models() {
      const models = await registry.models()
      return models.map(({ name, aliases, description, tags, createdAt, updatedAt }) => ({
        name,
        aliases: Object.entries(aliases).map(([alias, version]) => ({ alias, version })),
        description,
        tags,
        createdAt: createdAt.toISOString(),
        updatedAt: updatedAt.toISOString(),
      }))
    },
    async versions(model) {
      const versions = await registry.versions({ model })
      if (versions.length > 0) return versions.map(versionAnswer)
      return (await registry.models()).some(({ name }) => name === model) ? [] : undefined
    },
    artifact: async (model, version) => (await registry.artifact(model, version)).bytes,
    async history(model, alias) {
      try {
        const { moves } = await registry.history(model, alias)
        return moves
          .map(({ kind, from, to, at, actor, approver, reason }) => ({
            kind,
            from,
            to,
            at: at.toISOString(),
            actor,
            approver,
            reason,
          }))
          .reverse()
      } catch (error) {
        // A text that cannot be the name of an alias has no history.
        if (error instanceof MartletError && error.code === 'NAME_INVALID') return []
        throw error
      }
    },
  }
}

async function load(
  registry: Registry,
  model: string,
  number: number,
  options: IsolationOptions,
): Promise<ServableModel> {
  const loaded = await loadModel(registry, { model, version: number }, options)
  const { version, signature } = loaded
  const classes = signature.outputs.flatMap(({ name, labels }) => (labels === null ? [] : [[name, labels] as const]))
  return {
    model,
    version: version.version,
    sha256: version.artifact.sha256,
    service: version.service.name,
    definitionHashes: version.definitionHashes,
    fields: signature.fields.map(({ field, type, nulls, default: given }) =>
      given === undefined ? { field, type, missing: nulls.kind } : { field, type, missing: 'value', default: given },
    ),
    ...(classes.length === 0 ? {} : { classes: Object.fromEntries(classes) }),
    // A model whose cost depends on feature values could make one request pay for another.
    sharesRuns: loaded.exactInBatches && !loaded.isolated,
    ...(loaded.threads === 0 ? {} : { runsAtOnce: loaded.threads }),
    predict: (vectors) => loaded.predictVectors(vectors),
    tensors: {
      inputs: signature.inputs.map(slotOf),
      outputs: signature.outputs.map((output) => ({ ...slotOf(output), labels: output.labels })),
      batch: signature.batch,
      run: (feeds) => loaded.runTensors(feeds),
    },
    release: () => loaded.release(),
  }
}

/** A size that has a name, such as `batch`, may be any. */
function slotOf({ name, element, shape }: TensorSpec): TensorSlot {
  return { name, element, shape: shape?.map((size) => (typeof size === 'number' ? size : null)) ?? null }
}

function versionAnswer(version: ModelVersion): VersionAnswer {
  const { signature } = version
  return {
    model: version.model,
    version: version.version,
    sha256: version.artifact.sha256,
    service: version.service.name,
    status: version.status,
    lifecycle: version.lifecycle,
    aliases: version.aliases,
    description: version.description,
    tags: version.tags,
    createdAt: version.createdAt.toISOString(),
    createdBy: version.createdBy,
    updatedAt: version.updatedAt.toISOString(),
    runId: version.runId,
    bytes: version.artifact.bytes,
    metrics: version.metrics,
    inputs: signature.inputs.map(({ name, element, shape }) => ({ name, type: element, shape })),
    outputs: signature.outputs.map(({ name, element, shape, labels }) => ({ name, type: element, shape, labels })),
    features: signature.fields.map(({ field, type, nulls, default: given }) => ({
      name: field,
      type: typeName(type),
      missing: given === undefined ? nulls.kind : 'value',
    })),
  }
}
