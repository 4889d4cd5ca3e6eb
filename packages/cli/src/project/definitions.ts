import type { AnyFeatureService, AnyFeatureView, AnyIngestSource, AnyLabel } from '@martlet/feature-store'
import { MartletError } from '@martlet/warehouse'
import { failurePlace } from '../config/failure-place.ts'
import type { AnyDefinition, DefinitionsSource } from '../config/martlet-config.ts'
import { suggestion } from '../config/suggestion.ts'

/** What a project defines, by name; `views` has the views of a service only when they are exported too. */
export interface ProjectDefinitions {
  readonly views: ReadonlyMap<string, AnyFeatureView>
  readonly services: ReadonlyMap<string, AnyFeatureService>
  readonly labels: ReadonlyMap<string, AnyLabel>
  readonly sources: ReadonlyMap<string, AnyIngestSource>
  /** All that are applied to the catalog: views, services and labels. */
  readonly all: readonly AnyDefinition[]
}

/**
 * Loads the definitions that the configuration names.
 * @throws MartletError DEFINITIONS_FAILED when they cannot be loaded, INVALID_DEFINITION when one is not valid
 * @throws MartletError DEFINITIONS_EMPTY when there are none, DEFINITION_CONFLICT when two share a name
 */
export async function readDefinitions(source: DefinitionsSource): Promise<ProjectDefinitions> {
  const found = await called(source)
  const exported = [...collect(found, 0)]
  if (exported.length === 0) {
    throw new MartletError(
      'DEFINITIONS_EMPTY',
      'The configuration key `definitions` leads to no feature view, service, label or source. ' +
        'Export them from that module: `export const usage = featureView(…)`.',
    )
  }
  const distinctOnes = distinct(exported)
  const definitions = distinctOnes.filter((one) => one.kind !== 'source')
  return {
    views: new Map(
      definitions.flatMap((definition) => (definition.kind === 'view' ? [[definition.name, definition]] : [])),
    ),
    services: new Map(
      definitions.flatMap((definition) => (definition.kind === 'service' ? [[definition.name, definition]] : [])),
    ),
    labels: new Map(
      definitions.flatMap((definition) => (definition.kind === 'label' ? [[definition.name, definition]] : [])),
    ),
    sources: new Map(distinctOnes.flatMap((one) => (one.kind === 'source' ? [[one.name, one]] : []))),
    all: definitions,
  }
}

type Exported = AnyDefinition | AnyIngestSource

/** A view that is exported and also in a list is one definition; two different views of one name are a mistake. */
function distinct(all: readonly Exported[]): readonly Exported[] {
  const known = new Map<string, Exported>()
  for (const definition of all) {
    const { kind, name, plan } = definition
    const other = known.get(`${kind}:${name}`)
    if (other !== undefined && JSON.stringify(other.plan) !== JSON.stringify(plan)) {
      throw new MartletError(
        'DEFINITION_CONFLICT',
        `Two different definitions are called ${kind} ${name}. Rename one.`,
        { data: { kind, name } },
      )
    }
    known.set(`${kind}:${name}`, other ?? definition)
  }
  return [...known.values()]
}

const unknownCodes = {
  view: 'VIEW_UNKNOWN',
  service: 'SERVICE_UNKNOWN',
  label: 'LABEL_UNKNOWN',
  source: 'SOURCE_UNKNOWN',
} as const

/**
 * One definition by name.
 * @throws MartletError VIEW_UNKNOWN, SERVICE_UNKNOWN, LABEL_UNKNOWN, SOURCE_UNKNOWN when there is none, suggesting a similar name
 */
export function named<T>(definitions: ReadonlyMap<string, T>, name: string, what: keyof typeof unknownCodes): T {
  const found = definitions.get(name)
  if (found !== undefined) return found
  throw new MartletError(
    unknownCodes[what],
    `There is no ${what} called ${name} in the definitions. ${suggestion(name, [...definitions.keys()], `${what}s`)}`,
    { data: { name } },
  )
}

async function called(source: DefinitionsSource): Promise<object> {
  if (typeof source !== 'function') return source
  try {
    return await source()
  } catch (cause) {
    if (cause instanceof MartletError) throw cause
    throw new MartletError(
      'DEFINITIONS_FAILED',
      `The definitions could not be loaded: ${failurePlace(cause)}. Correct that file; \`npx tsc --noEmit\` may say more.`,
      { cause },
    )
  }
}

/** Definitions among the values of a module, in lists, and in records of lists, but no deeper. */
function* collect(value: unknown, depth: number): Generator<Exported> {
  if (isDefinition(value)) yield value
  // What services compute on demand is theirs; it is no definition of its own.
  else if (isOnDemand(value)) return
  else if (typeof value === 'object' && value !== null && depth < 3)
    for (const inner of Object.values(value)) yield* collect(inner, depth + 1)
}

function isOnDemand(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'on-demand'
}

const kinds: ReadonlySet<string> = new Set(['view', 'service', 'label', 'source'] satisfies Exported['kind'][])

function isDefinition(value: unknown): value is Exported {
  if (typeof value !== 'object' || value === null || !('kind' in value) || !('plan' in value)) return false
  return typeof value.kind === 'string' && kinds.has(value.kind)
}
