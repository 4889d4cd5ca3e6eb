import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { OpenTelemetry } from '@martlet/serving'

/** Where every copy of `@opentelemetry/api` finds what was registered with any. */
const REGISTERED = Symbol.for('opentelemetry.js.api.1')

/**
 * The API of OpenTelemetry that a project has installed, when something has registered an SDK with it before, such as
 * `NODE_OPTIONS='--import ./instrumentation.js'`. Without one, nothing is loaded.
 */
export async function openTelemetry(folder: string): Promise<OpenTelemetry | undefined> {
  if (!(REGISTERED in globalThis)) return undefined
  const { resolve } = createRequire(join(folder, 'package.json'))
  const { default: api }: { readonly default: OpenTelemetry } = await import(
    pathToFileURL(resolve('@opentelemetry/api')).href
  )
  return api
}
