import type { LiveModel } from '@martlet/feature-store'
import type { Registry } from '../registry.ts'

/** Every version that an alias points to, with what it reads; `planDefinitions` takes it as `models`. */
export async function liveModels(registry: Pick<Registry, 'aliases' | 'version'>): Promise<readonly LiveModel[]> {
  const live: LiveModel[] = []
  for (const { model, alias, version } of await registry.aliases()) {
    const { service, signature, definitionHashes } = await registry.version(model, version)
    live.push({
      model,
      alias,
      version,
      service: service.name,
      fields: signature.fields.map(({ field, type }) => ({ field, type })),
      definitionHashes,
    })
  }
  return live
}
