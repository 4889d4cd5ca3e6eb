import type { RegistryContext } from '../registry-context.ts'
import type { RegistryDb } from '../store/store-dialect.ts'

/** An artifact that no version needs. */
export interface UnusedArtifact {
  readonly sha256: string
  /** The deleted versions that had it; none where a registration was killed before its version was stored. */
  readonly deleted: readonly { readonly model: string; readonly version: number }[]
}

export interface Swept {
  /** What was removed; with `dryRun`, what would be. */
  readonly unused: readonly UnusedArtifact[]
  /** How many artifacts versions need. */
  readonly kept: number
}

export interface SweepOptions {
  /** Only says what would be removed. @default false */
  readonly dryRun?: boolean
}

/**
 * Removes artifacts that no version needs: those of deleted versions, and those that a killed registration left. Each is removed
 * while no other writer can change the catalog, and a registration looks for its file while it stores its version, so one that is
 * under way never loses it.
 */
export async function sweepArtifacts(
  { db, dialect, artifacts }: RegistryContext,
  { dryRun = false }: SweepOptions = {},
): Promise<Swept> {
  const stored: string[] = []
  for await (const sha256 of artifacts.list()) if (/^[0-9a-f]{64}$/.test(sha256)) stored.push(sha256)
  const versions = await db
    .selectFrom('model_versions')
    .select(['artifact_sha256', 'model', 'version', 'lifecycle'])
    .execute()
  const bySha256 = Map.groupBy(versions, ({ artifact_sha256 }) => artifact_sha256)
  const unused: UnusedArtifact[] = []
  for (const sha256 of stored.toSorted()) {
    const of = bySha256.get(sha256) ?? []
    if (of.some(({ lifecycle }) => lifecycle !== 'deleted')) continue
    const gone =
      dryRun ||
      (await dialect.exclusive(db, async (locked) => {
        if (await isNeeded(locked, sha256)) return false
        await artifacts.remove(sha256)
        return true
      }))
    if (gone) unused.push({ sha256, deleted: of.map(({ model, version }) => ({ model, version })) })
  }
  return { unused, kept: stored.length - unused.length }
}

async function isNeeded(db: RegistryDb, sha256: string): Promise<boolean> {
  const version = await db
    .selectFrom('model_versions')
    .select('version')
    .where('artifact_sha256', '=', sha256)
    .where('lifecycle', '<>', 'deleted')
    .executeTakeFirst()
  return version !== undefined
}
