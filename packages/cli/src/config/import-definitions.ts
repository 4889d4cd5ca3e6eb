import { MartletError } from '@martlet/warehouse'
import { defaultExport } from './load-config.ts'
import type { DefinitionsSource } from './martlet-config.ts'

/**
 * Where the definitions of a configuration file are. The rest of the configuration is not read: that of an older commit may
 * say what is no longer known.
 * @throws MartletError CONFIG_MISSING when there is no file
 * @throws MartletError CONFIG_FAILED when the file itself throws
 * @throws MartletError CONFIG_INVALID when it says nothing of definitions
 */
export async function importDefinitions(path?: string): Promise<DefinitionsSource> {
  const { file, config } = await defaultExport(path)
  if (hasDefinitions(config)) return config.definitions
  throw new MartletError(
    'CONFIG_INVALID',
    `${file} has no definitions. Write \`definitions: () => import('./definitions.ts')\`.`,
    { data: { file } },
  )
}

function hasDefinitions(config: unknown): config is { readonly definitions: DefinitionsSource } {
  if (typeof config !== 'object' || config === null || !('definitions' in config)) return false
  const { definitions } = config
  return typeof definitions === 'function' || (typeof definitions === 'object' && definitions !== null)
}
