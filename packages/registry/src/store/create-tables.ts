import type { CreateTableBuilder } from 'kysely'
import type { RegistryDb } from './store-dialect.ts'

/** Creates the registry's tables where they are missing, in SQL that every engine understands. */
export async function createTables(db: RegistryDb): Promise<void> {
  const { schema } = db
  await schema
    .createTable('registered_models')
    .ifNotExists()
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('description', 'text', (column) => column.notNull())
    .addColumn('created_ms', 'bigint', (column) => column.notNull())
    .addColumn('updated_ms', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('registered_models_key', ['name'])
    .execute()

  let versions: CreateTableBuilder<'model_versions', string> = schema.createTable('model_versions').ifNotExists()
  for (const name of [
    'model',
    'registration',
    'fingerprint',
    'status',
    'status_message',
    'lifecycle',
    'lifecycle_actor',
    'lifecycle_reason',
  ] as const)
    versions = versions.addColumn(name, 'text', (column) => column.notNull())
  for (const name of [
    'artifact_sha256',
    'source_sha256',
    'service',
    'service_hash',
    'signature',
    'golden_rows',
    'trial',
    'metrics',
  ] as const)
    versions = versions.addColumn(name, 'text', (column) => column.notNull())
  for (const name of ['training_set', 'definition_hashes', 'description', 'source', 'run_id', 'created_by'] as const)
    versions = versions.addColumn(name, 'text', (column) => column.notNull())
  for (const name of ['version', 'artifact_bytes', 'lifecycle_ms', 'created_ms', 'updated_ms'] as const)
    versions = versions.addColumn(name, 'bigint', (column) => column.notNull())
  await versions.addPrimaryKeyConstraint('model_versions_key', ['model', 'version']).execute()

  await schema
    .createTable('model_tags')
    .ifNotExists()
    .addColumn('model', 'text', (column) => column.notNull())
    .addColumn('version', 'bigint', (column) => column.notNull())
    .addColumn('tag', 'text', (column) => column.notNull())
    .addColumn('value', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('model_tags_key', ['model', 'version', 'tag'])
    .execute()

  await schema
    .createTable('model_aliases')
    .ifNotExists()
    .addColumn('model', 'text', (column) => column.notNull())
    .addColumn('alias', 'text', (column) => column.notNull())
    .addColumn('version', 'bigint', (column) => column.notNull())
    .addColumn('updated_ms', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('model_aliases_key', ['model', 'alias'])
    .execute()

  await schema
    .createTable('model_alias_moves')
    .ifNotExists()
    .addColumn('model', 'text', (column) => column.notNull())
    .addColumn('alias', 'text', (column) => column.notNull())
    .addColumn('sequence', 'bigint', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('from_version', 'bigint')
    .addColumn('to_version', 'bigint')
    .addColumn('actor', 'text', (column) => column.notNull())
    .addColumn('approver', 'text')
    .addColumn('reason', 'text', (column) => column.notNull())
    .addColumn('at_ms', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('model_alias_moves_key', ['model', 'alias', 'sequence'])
    .execute()
}
