import type { CreateTableBuilder } from 'kysely'
import type { Migration } from './migrate.ts'
import { makeAppendOnly } from './sqlite.ts'
import type { CatalogTables } from './tables.ts'

/** The catalog's schema, oldest first; a released step is never edited. */
export const catalogMigrations: readonly Migration<CatalogTables>[] = [
  async (db) => {
    await columns(db.schema.createTable('definitions'), { kind: 'text!', name: 'text!', revision: 'integer!', state: 'text!', hash: 'text!', plan: 'text!', description: 'text', owner: 'text', tags: 'text!', applied_at: 'text!', applied_by: 'text!' })
      .addPrimaryKeyConstraint('definitions_key', ['kind', 'name', 'revision']).execute()
    await columns(db.schema.createTable('runs'), {
      id: 'text!', kind: 'text!', view: 'text!', hash: 'text!', from_time: 'text', to_time: 'text', reason: 'text!', rows: 'integer!', bytes: 'integer', published: 'integer', seconds: 'double precision',
      outcome: 'text!', error: 'text', started_at: 'text!', finished_at: 'text', host: 'text!', pid: 'integer!', actor: 'text!',
    }).addPrimaryKeyConstraint('runs_key', ['id']).execute()
    await db.schema.createIndex('runs_by_view').on('runs').columns(['view', 'started_at']).execute()
    await columns(db.schema.createTable('view_states'), {
      view: 'text!', hash: 'text', since: 'text', watermark: 'text', pending_hash: 'text', pending_run: 'text', pending_phase: 'text', pending_from: 'text', pending_to: 'text', pending_done: 'text',
      unpublished_from: 'text', published_hash: 'text', published_time: 'text', published_at: 'text',
    }).addPrimaryKeyConstraint('view_states_key', ['view']).execute()
    await columns(db.schema.createTable('checkpoints'), { run_id: 'text!', view: 'text!', hash: 'text!', from_time: 'text!', to_time: 'text!', rows: 'integer!', written_at: 'text!' })
      .addPrimaryKeyConstraint('checkpoints_key', ['run_id', 'from_time'])
      .addForeignKeyConstraint('checkpoints_run', ['run_id'], 'runs', ['id']).execute()
    await columns(db.schema.createTable('leases'), { view: 'text!', token: 'text!', host: 'text!', pid: 'integer!', actor: 'text!', acquired_at: 'text!', heartbeat_at: 'text!' })
      .addPrimaryKeyConstraint('leases_key', ['view']).execute()
    await columns(db.schema.createTable('quality_results'), {
      run_id: 'text!', view: 'text!', table_name: 'text!', column_name: 'text', check_name: 'text!', severity: 'text!', count: 'integer!', total: 'integer!', example: 'text', query: 'text!', scanned: 'text!', checked_at: 'text!',
    }).addForeignKeyConstraint('quality_run', ['run_id'], 'runs', ['id']).execute()
    await db.schema.createIndex('quality_by_run').on('quality_results').columns(['run_id']).execute()
    await columns(db.schema.createTable('lineage'), { from_kind: 'text!', from_name: 'text!', to_kind: 'text!', to_name: 'text!', stated_by: 'text!' })
      .addPrimaryKeyConstraint('lineage_key', ['from_kind', 'from_name', 'to_kind', 'to_name', 'stated_by']).execute()
    await columns(db.schema.createTable('audit_log'), { id: 'text!', at: 'text!', actor: 'text!', action: 'text!', subject: 'text!', detail: 'text!' })
      .addPrimaryKeyConstraint('audit_log_key', ['id']).execute()
    await db.schema.createIndex('audit_log_by_subject').on('audit_log').columns(['subject', 'at']).execute()
    for (const table of ['definitions', 'audit_log']) await makeAppendOnly(db, table)
  },
]

type Type = 'text' | 'integer' | 'double precision'

function columns<Name extends string>(table: CreateTableBuilder<Name, never>, types: Readonly<Record<string, Type | `${Type}!`>>): CreateTableBuilder<Name, string> {
  let built: CreateTableBuilder<Name, string> = table
  for (const [name, type] of Object.entries(types)) {
    built = type.endsWith('!') ? built.addColumn(name, type.slice(0, -1) as Type, (column) => column.notNull()) : built.addColumn(name, type as Type)
  }
  return built
}
