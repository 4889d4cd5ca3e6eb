import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { MartletError } from '@martlet/warehouse'
import { checkConfig } from './check-config.ts'
import { failurePlace } from './failure-place.ts'
import type { MartletConfig } from './martlet-config.ts'
import type { StepProblem } from './schedule-schema.ts'

const NAMES = ['martlet.config.ts', 'martlet.config.mts', 'martlet.config.js', 'martlet.config.mjs']

export interface LoadedConfig {
  readonly file: string
  readonly folder: string
  readonly config: MartletConfig
}

/**
 * The configuration file in `from` or the nearest folder above it.
 * @throws MartletError CONFIG_MISSING when there is none
 */
export function findConfig(from: string): string {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    for (const name of NAMES) if (existsSync(join(folder, name))) return join(folder, name)
    if (dirname(folder) === folder) break
  }
  throw new MartletError(
    'CONFIG_MISSING',
    `There is no martlet.config.ts in ${resolve(from)} or a folder above it. ` +
      'Make a project with `martlet init`, change into its folder, or name the file with --config.',
    { data: { from: resolve(from) } },
  )
}

/**
 * Loads and checks a configuration file, by default the nearest one from the working folder upwards. `stepProblem` also
 * checks the commands of schedules.
 * @throws MartletError CONFIG_MISSING when there is no file
 * @throws MartletError CONFIG_FAILED when the file itself throws
 * @throws MartletError CONFIG_INVALID when its default export is not a configuration
 */
export async function loadConfig(path?: string, stepProblem?: StepProblem): Promise<LoadedConfig> {
  const { file, config } = await defaultExport(path)
  checkConfig(config, file, stepProblem)
  return { file, folder: dirname(file), config }
}

/**
 * What a configuration file exports by default, as it is, by default that of the nearest one.
 * @throws MartletError CONFIG_MISSING when there is no file
 * @throws MartletError CONFIG_FAILED when the file itself throws
 * @throws MartletError CONFIG_INVALID when it has no default export
 */
export async function defaultExport(path?: string): Promise<{ readonly file: string; readonly config: unknown }> {
  const file = path === undefined ? findConfig('.') : resolve(path)
  if (!existsSync(file))
    throw new MartletError('CONFIG_MISSING', `There is no file ${file}. Check the path after --config.`, {
      data: { file },
    })
  const module = await importConfig(file)
  const config: unknown = 'default' in module ? module.default : undefined
  if (config === undefined) {
    throw new MartletError(
      'CONFIG_INVALID',
      `${file} has no default export. Write \`export default defineConfig({ … })\`.`,
      { data: { file } },
    )
  }
  return { file, config }
}

async function importConfig(file: string): Promise<object> {
  try {
    const module: object = await import(pathToFileURL(file).href)
    return module
  } catch (cause) {
    if (cause instanceof MartletError) throw cause
    throw new MartletError(
      'CONFIG_FAILED',
      `${file} could not be loaded: ${failurePlace(cause)}. Correct the file, or what it imports.`,
      { data: { file }, cause },
    )
  }
}
