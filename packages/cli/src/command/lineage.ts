import { lineageOf, type Catalog, type LineageNode } from '@martlet/feature-store'
import { lineageStart, versionsOfLineage, type ModelVersion } from '@martlet/registry'
import { MartletError } from '@martlet/warehouse'
import { suggestion } from '../config/suggestion.ts'
import type { Outcome } from '../terminal/outcome.ts'
import { facts } from '../terminal/table.ts'
import type { CommandContext } from './run-command.ts'

/** What a model version depends on: columns → features → service → version. */
export interface VersionLineage {
  /** As `schema.table.column`. */
  readonly columns: readonly string[]
  /** As `view.feature`. */
  readonly features: readonly string[]
  readonly service: string
}

/** The lineage of a version as the catalog has it now; empty when its service is no longer applied. */
export async function lineageOfVersion(catalog: Catalog, version: ModelVersion): Promise<VersionLineage> {
  const nodes = await lineageOf(catalog.db, lineageStart(version), 'upstream')
  return { columns: namesOf(nodes, 'column'), features: namesOf(nodes, 'feature'), service: version.service.name }
}

/** The lines of `models show` below the facts of the version. */
export function lineageText(
  { columns, features, service }: VersionLineage,
  { model, version }: ModelVersion,
  width: number,
): string {
  if (features.length === 0)
    return `lineage: service ${service} is not applied, so the catalog knows nothing of its features`
  const lines = [
    ['columns', columns.join(', ')],
    ['→ features', features.join(', ')],
    ['→ service', service],
    ['→ version', `${model} ${version}`],
  ] as const
  return ['lineage', ...facts(lines, width)].join('\n')
}

/**
 * `status --lineage <column>`: what depends on a warehouse column.
 * @throws MartletError COLUMN_UNKNOWN when no applied definition reads it, suggesting a similar name
 */
export async function columnLineage(context: CommandContext, column: string): Promise<Outcome> {
  const project = await context.project()
  const catalog = await project.catalog()
  const reached = await lineageOf(catalog.db, { kind: 'column', name: column }, 'downstream')
  if (reached.length === 0) {
    const known = await catalog.db
      .selectFrom('lineage')
      .select('from_name')
      .distinct()
      .where('from_kind', '=', 'column')
      .orderBy('from_name')
      .execute()
    const hint = suggestion(
      column,
      known.map(({ from_name: name }) => name),
      'columns that an applied definition reads',
    )
    throw new MartletError('COLUMN_UNKNOWN', `No applied definition reads ${column}. ${hint}`, { data: { column } })
  }
  const versions = (await versionsOfLineage(await project.registry(), reached)).map(({ model, version, aliases }) => ({
    model,
    version,
    aliases,
  }))
  const found = {
    column,
    features: namesOf(reached, 'feature'),
    services: namesOf(reached, 'service'),
    labels: namesOf(reached, 'label'),
  }
  const lines = [
    ['→ features', found.features.join(', ') || '–'],
    ['→ services', found.services.join(', ') || '–'],
    ['→ labels', found.labels.join(', ') || '–'],
    [
      '→ versions',
      versions
        .map(({ model, version, aliases }) =>
          [`${model} ${version}`, ...aliases.map((alias) => `(${alias})`)].join(' '),
        )
        .join(', ') || '–',
    ],
  ] as const
  return {
    exitCode: 0,
    data: { ...found, versions },
    text: [column, ...facts(lines, context.terminal.width)].join('\n'),
  }
}

function namesOf(nodes: readonly LineageNode[], kind: string): readonly string[] {
  return nodes
    .filter((node) => node.kind === kind)
    .map(({ name }) => name)
    .toSorted()
}
