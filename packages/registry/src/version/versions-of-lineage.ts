import type { LineageNode } from '@martlet/feature-store'
import type { Registry } from '../registry.ts'
import type { ModelVersion } from './model-version.ts'

/**
 * The versions, except deleted ones, that read a service among the nodes of a lineage: how column → feature → service continues.
 * Sorted by model, newest version first.
 *
 * @example
 * const column = { kind: 'column', name: 'mart.fact_usage.kwh' }
 * const reached = await lineageOf(catalog.db, column, 'downstream')
 * const versions = await versionsOfLineage(registry, reached)     // models that a change of the column affects
 */
export async function versionsOfLineage(
  registry: Pick<Registry, 'versions'>,
  nodes: readonly LineageNode[],
): Promise<readonly ModelVersion[]> {
  const services = new Set(nodes.filter(({ kind }) => kind === 'service').map(({ name }) => name))
  if (services.size === 0) return []
  return (await registry.versions()).filter(({ service }) => services.has(service.name))
}

/** The start of a version's upstream lineage: `lineageOf(catalog.db, …, 'upstream')` lists its features and columns. */
export function lineageStart({ service }: Pick<ModelVersion, 'service'>): LineageNode {
  return { kind: 'service', name: service.name }
}
