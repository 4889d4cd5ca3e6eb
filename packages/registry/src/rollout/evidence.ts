import type { RegistryContext } from '../registry-context.ts'
import { toJson } from '../store/json.ts'
import { readDocument } from '../store/documents.ts'
import type { RegistryDb } from '../store/store-dialect.ts'
import type { Rollout } from './rollout.ts'
import type { VersionEvidence } from './version-evidence.ts'

/** Which of the two versions of a roll-out. */
export type RolloutSide = 'stable' | 'candidate'

/** What one process has seen of one version since a step began. */
export interface EvidenceRecord {
  readonly model: string
  readonly rollout: number
  /** The index of the step. */
  readonly step: number
  readonly side: RolloutSide
  /** The process: unique, also after a restart. */
  readonly writer: string
  readonly evidence: VersionEvidence
}

/**
 * Stores what a process has seen so far in place of what it stored before. Only this process writes these rows, so that no lock is
 * needed, and a process that is killed loses what it saw since it last wrote.
 */
export async function writeEvidence(
  { db, dialect, now }: Pick<RegistryContext, 'db' | 'dialect' | 'now'>,
  records: readonly EvidenceRecord[],
): Promise<void> {
  if (records.length === 0) return
  const write = (inside: RegistryDb): Promise<void> => writeRecords(inside, now(), records)
  await (dialect.briefly === undefined ? write(db) : dialect.briefly(db, write))
}

async function writeRecords(db: RegistryDb, at: number, records: readonly EvidenceRecord[]): Promise<void> {
  for (const { evidence, ...key } of records) {
    const content = { evidence: toJson(evidence), at_ms: at }
    const { numUpdatedRows } = await db
      .updateTable('rollout_evidence')
      .set(content)
      .where('model', '=', key.model)
      .where('rollout', '=', key.rollout)
      .where('step', '=', key.step)
      .where('side', '=', key.side)
      .where('writer', '=', key.writer)
      .executeTakeFirst()
    if (numUpdatedRows > 0n) continue
    await db
      .insertInto('rollout_evidence')
      .values({ ...key, ...content })
      .execute()
  }
}

/** What all processes have stored about a roll-out. */
export async function readEvidence(
  { db }: Pick<RegistryContext, 'db'>,
  { model, rollout }: Pick<Rollout, 'model' | 'rollout'>,
): Promise<readonly EvidenceRecord[]> {
  const rows = await db
    .selectFrom('rollout_evidence')
    .selectAll()
    .where('model', '=', model)
    .where('rollout', '=', rollout)
    .orderBy('step')
    .orderBy('side')
    .orderBy('writer')
    .execute()
  return rows.map((row) => ({
    model: row.model,
    rollout: row.rollout,
    step: row.step,
    side: row.side,
    writer: row.writer,
    evidence: readDocument(row, 'evidence'),
  }))
}
