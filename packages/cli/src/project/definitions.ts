import type { AnyFeatureService, AnyFeatureView, AnyLabel } from '@martlet/feature-store'
import { MartletError } from '@martlet/warehouse'
import { failurePlace } from '../config/failure-place.ts'
import type { AnyDefinition, DefinitionsSource } from '../config/martlet-config.ts'
import { suggestion } from '../config/nearest.ts'

/** What a project defines, by name; `views` has those that only a service mentions when they are exported. */
export interface ProjectDefinitions {
  readonly views: ReadonlyMap<string, AnyFeatureView>
  readonly services: ReadonlyMap<string, AnyFeatureService>
  readonly labels: ReadonlyMap<string, AnyLabel>
  /** All of them. */
  readonly all: readonly AnyDefinition[]
}

/** Calls and sorts what the configuration names. @throws MartletError DEFINITIONS_FAILED, DEFINITIONS_EMPTY, INVALID_DEFINITION */
export async function readDefinitions(source: DefinitionsSource): Promise<ProjectDefinitions> {
  const found = await called(source)
  const all = [...collect(found, 0)]
  if (all.length === 0) {
    throw new MartletError('DEFINITIONS_EMPTY', 'The configuration key `definitions` leads to no feature view, service or label. Export them from that module: `export const usage = featureView(…)`.')
  }
  const distinct = new Map<string, AnyDefinition>()
  for (const definition of all) distinct.set(`${definition.kind}:${definition.name}`, definition)
  const definitions = [...distinct.values()]
  return {
    views: new Map(definitions.flatMap((definition) => (definition.kind === 'view' ? [[definition.name, definition]] : []))),
    services: new Map(definitions.flatMap((definition) => (definition.kind === 'service' ? [[definition.name, definition]] : []))),
    labels: new Map(definitions.flatMap((definition) => (definition.kind === 'label' ? [[definition.name, definition]] : []))),
    all,
  }
}

/** One definition by name. @throws MartletError VIEW_UNKNOWN, SERVICE_UNKNOWN, LABEL_UNKNOWN, suggesting a near name */
export function named<T>(definitions: ReadonlyMap<string, T>, name: string, what: 'view' | 'service' | 'label'): T {
  const found = definitions.get(name)
  if (found !== undefined) return found
  throw new MartletError(`${what.toUpperCase()}_UNKNOWN`, `There is no ${what} called ${name} in the definitions. ${suggestion(name, [...definitions.keys()], `${what}s`)}`, { data: { name } })
}

async function called(source: DefinitionsSource): Promise<object> {
  if (typeof source !== 'function') return source
  try {
    return await source()
  } catch (cause) {
    if (cause instanceof MartletError) throw cause
    throw new MartletError('DEFINITIONS_FAILED', `The definitions could not be loaded: ${failurePlace(cause)}. Correct that file; \`npx tsc --noEmit\` may say more.`, { cause })
  }
}

/** Definitions among the values of a module, in lists, and in records of lists; deeper nothing is looked for. */
function* collect(value: unknown, depth: number): Generator<AnyDefinition> {
  if (isDefinition(value)) yield value
  else if (typeof value === 'object' && value !== null && depth < 3) for (const inner of Object.values(value)) yield* collect(inner, depth + 1)
}

function isDefinition(value: unknown): value is AnyDefinition {
  if (typeof value !== 'object' || value === null || !('kind' in value) || !('plan' in value)) return false
  return value.kind === 'view' || value.kind === 'service' || value.kind === 'label'
}
