import type { CreateTableBuilder } from 'kysely'
import type { RegistryDb } from './store-dialect.ts'
import type { RegistryTables } from './tables.ts'

/** Creates the registry's tables where they are missing, in SQL that every engine understands. */
export async function createTables(db: RegistryDb): Promise<void> {
  await createTable(db, 'registered_models', {
    columns: { name: 'text', description: 'text', created_ms: 'bigint', updated_ms: 'bigint' },
    key: ['name'],
  })
  await createTable(db, 'model_versions', {
    columns: {
      model: 'text',
      registration: 'text',
      fingerprint: 'text',
      status: 'text',
      status_message: 'text',
      lifecycle: 'text',
      lifecycle_actor: 'text',
      lifecycle_reason: 'text',
      artifact_sha256: 'text',
      source_sha256: 'text',
      service: 'text',
      service_hash: 'text',
      signature: 'text',
      golden_rows: 'text',
      trial: 'text',
      metrics: 'text',
      training_set: 'text',
      definition_hashes: 'text',
      description: 'text',
      source: 'text',
      run_id: 'text',
      created_by: 'text',
      version: 'bigint',
      artifact_bytes: 'bigint',
      lifecycle_ms: 'bigint',
      created_ms: 'bigint',
      updated_ms: 'bigint',
    },
    key: ['model', 'version'],
  })
  await createTable(db, 'model_tags', {
    columns: { model: 'text', version: 'bigint', tag: 'text', value: 'text' },
    key: ['model', 'version', 'tag'],
  })
  await createTable(db, 'model_aliases', {
    columns: { model: 'text', alias: 'text', version: 'bigint', updated_ms: 'bigint' },
    key: ['model', 'alias'],
  })
  await createTable(db, 'model_alias_moves', {
    columns: {
      model: 'text',
      alias: 'text',
      sequence: 'bigint',
      kind: 'text',
      from_version: 'bigint',
      to_version: 'bigint',
      actor: 'text',
      approver: 'text',
      reason: 'text',
      at_ms: 'bigint',
    },
    nullable: ['from_version', 'to_version', 'approver'],
    key: ['model', 'alias', 'sequence'],
  })
  await createTable(db, 'rollouts', {
    columns: {
      model: 'text',
      rollout: 'bigint',
      state: 'text',
      stable_alias: 'text',
      candidate_alias: 'text',
      stable_version: 'bigint',
      candidate_version: 'bigint',
      steps: 'text',
      guards: 'text',
      step: 'bigint',
      step_ms: 'bigint',
      revision: 'bigint',
      actor: 'text',
      approver: 'text',
      reason: 'text',
      started_ms: 'bigint',
      changed_ms: 'bigint',
    },
    nullable: ['approver'],
    key: ['model', 'rollout'],
  })
  await createTable(db, 'rollout_evidence', {
    columns: {
      model: 'text',
      rollout: 'bigint',
      step: 'bigint',
      side: 'text',
      writer: 'text',
      evidence: 'text',
      at_ms: 'bigint',
    },
    key: ['model', 'rollout', 'step', 'side', 'writer'],
  })
}

interface Table<Column extends string> {
  /** In the order of the table. */
  readonly columns: Readonly<Record<Column, 'text' | 'bigint'>>
  readonly nullable?: readonly Column[]
  readonly key: readonly Column[]
}

async function createTable<Name extends keyof RegistryTables>(
  db: RegistryDb,
  name: Name,
  { columns, nullable = [], key }: Table<keyof RegistryTables[Name] & string>,
): Promise<void> {
  const optional: readonly string[] = nullable
  const base: CreateTableBuilder<string, string> = db.schema.createTable(name).ifNotExists()
  await Object.entries<'text' | 'bigint'>(columns)
    .reduce(
      (table, [column, type]) =>
        table.addColumn(column, type, (built) => (optional.includes(column) ? built : built.notNull())),
      base,
    )
    .addPrimaryKeyConstraint(`${name}_key`, [...key])
    .execute()
}
