import type { LineageNode } from '@martlet/feature-store'
import type { Registry } from '../registry.ts'
import type { ModelVersion } from './model-version.ts'

/**
 * The versions, not deleted, that read a service among the nodes of a lineage: where column → feature → service goes on.
 * By model, newest version first.
 *
 * @example
 * const column = { kind: 'column', name: 'mart.fact_usage.kwh' }
 * const reached = await lineageOf(catalog.db, column, 'downstream')
 * const versions = await versionsOfLineage(registry, reached)     // models that a change of the column touches
 */
export async function versionsOfLineage(
  registry: Pick<Registry, 'versions'>,
  nodes: readonly LineageNode[],
): Promise<readonly ModelVersion[]> {
  const services = new Set(nodes.filter(({ kind }) => kind === 'service').map(({ name }) => name))
  if (services.size === 0) return []
  return (await registry.versions()).filter(({ service }) => services.has(service.name))
}

/** Where the lineage of a version begins upstream: hand it to `lineageOf(catalog.db, …, 'upstream')` for its features and columns. */
export function lineageStart({ service }: Pick<ModelVersion, 'service'>): LineageNode {
  return { kind: 'service', name: service.name }
}
