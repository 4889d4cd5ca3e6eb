import { MartletError } from '@martlet/warehouse'
import type { ModelSource } from './model-source.ts'

/** The same source, but a failure to read it says that the registry is unavailable, which is not the caller's mistake. */
export function readableSource(source: ModelSource): ModelSource {
  const artifact = source.artifact?.bind(source)
  return {
    ...(artifact === undefined
      ? {}
      : { artifact: (model: string, version: number) => reading(() => artifact(model, version)) }),
    aliases: () => source.aliases(),
    load: (model, version) => source.load(model, version),
    models: () => reading(() => source.models()),
    versions: (model) => reading(() => source.versions(model)),
    history: (model, alias) => reading(() => source.history(model, alias)),
    rollouts: () => source.rollouts?.() ?? [],
    writeEvidence: async (records) => source.writeEvidence?.(records),
  }
}

async function reading<T>(read: () => T | Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (cause) {
    throw new MartletError('REGISTRY_UNREADABLE', 'The registry could not be read.', { cause })
  }
}
