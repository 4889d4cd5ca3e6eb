import type { Migration } from './migrate.ts'
import type { CatalogTables } from './tables.ts'

/** The catalog's schema, oldest first; a released step is never edited. */
export const catalogMigrations: readonly Migration<CatalogTables>[] = [
  {
    tables: [
      {
        name: 'definitions',
        columns: { kind: 'text!', name: 'text!', revision: 'integer!', state: 'text!', hash: 'text!', plan: 'text!', description: 'text', owner: 'text', tags: 'text!', applied_at: 'text!', applied_by: 'text!' },
        key: ['kind', 'name', 'revision'],
        appendOnly: true,
      },
      {
        name: 'runs',
        columns: {
          id: 'text!', kind: 'text!', view: 'text!', hash: 'text!', from_time: 'text', to_time: 'text', reason: 'text!', rows: 'integer!', bytes: 'integer', published: 'integer', seconds: 'double precision',
          outcome: 'text!', error: 'text', started_at: 'text!', finished_at: 'text', host: 'text!', pid: 'integer!', actor: 'text!',
        },
        key: ['id'],
        index: { name: 'runs_by_view', columns: ['view', 'started_at'] },
      },
      {
        name: 'view_states',
        columns: {
          view: 'text!', hash: 'text', since: 'text', watermark: 'text', pending_hash: 'text', pending_run: 'text', pending_phase: 'text', pending_from: 'text', pending_to: 'text', pending_done: 'text',
          unpublished_from: 'text', published_hash: 'text', published_time: 'text', published_at: 'text',
        },
        key: ['view'],
      },
      {
        name: 'checkpoints',
        columns: { run_id: 'text!', view: 'text!', hash: 'text!', from_time: 'text!', to_time: 'text!', rows: 'integer!', written_at: 'text!' },
        key: ['run_id', 'from_time'],
        reference: { name: 'checkpoints_run', column: 'run_id', table: 'runs', key: 'id' },
      },
      { name: 'leases', columns: { view: 'text!', token: 'text!', host: 'text!', pid: 'integer!', actor: 'text!', acquired_at: 'text!', heartbeat_at: 'text!' }, key: ['view'] },
      {
        name: 'quality_results',
        columns: {
          run_id: 'text!', view: 'text!', table_name: 'text!', column_name: 'text', check_name: 'text!', severity: 'text!', count: 'integer!', total: 'integer!', example: 'text', query: 'text!', scanned: 'text!', checked_at: 'text!',
        },
        reference: { name: 'quality_run', column: 'run_id', table: 'runs', key: 'id' },
        index: { name: 'quality_by_run', columns: ['run_id'] },
      },
      {
        name: 'lineage',
        columns: { from_kind: 'text!', from_name: 'text!', to_kind: 'text!', to_name: 'text!', stated_by: 'text!' },
        key: ['from_kind', 'from_name', 'to_kind', 'to_name', 'stated_by'],
      },
      {
        name: 'audit_log',
        columns: { id: 'text!', at: 'text!', actor: 'text!', action: 'text!', subject: 'text!', detail: 'text!' },
        key: ['id'],
        index: { name: 'audit_log_by_subject', columns: ['subject', 'at'] },
        appendOnly: true,
      },
    ],
  },
  { tables: [{ name: 'newest_rows', columns: { view: 'text!', newest_time: 'text' }, key: ['view'] }] },
]
