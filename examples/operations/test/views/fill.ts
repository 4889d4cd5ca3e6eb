import { columnBatch, type Warehouse } from '@martlet/warehouse'
import { writeWorld } from '../../src/generate/write-world.ts'
import type { SmallPlatform } from './small-platform.ts'

const text = (values: readonly (string | null)[]) => ({ type: 'text' as const, values })
const whole = (values: readonly (number | null)[]) => ({ type: 'bigint' as const, values })
const instants = (values: readonly (Date | null)[]) => ({ type: 'timestamp' as const, values })

/** Writes all that the views read. */
export async function fill(
  warehouse: Warehouse,
  { world, jobs, runs, artifacts, quality }: SmallPlatform,
): Promise<void> {
  await writeWorld(warehouse, world)
  const none = jobs.map(() => null)
  await warehouse.append(
    'ops.jobs',
    columnBatch({
      id: text(jobs.map(({ id }) => id)),
      type: text(jobs.map(({ type }) => type)),
      priority: whole(none),
      input: text(none),
      created_by: text(none),
      created_at: instants(jobs.map((job) => job.created_at)),
      job_id: text(jobs.map((job) => job.job_id)),
      state: text(jobs.map(({ state }) => state)),
      attempts: whole(jobs.map(({ attempts }) => attempts)),
      worker: text(none),
      lease_until: instants(none),
      started_at: instants(jobs.map((job) => job.started_at)),
      ended_at: instants(jobs.map((job) => job.ended_at)),
      output: text(none),
      error: text(none),
    }),
  )
  await warehouse.append(
    'ops.job_runs',
    columnBatch({
      job_id: text(runs.map((run) => run.job_id)),
      attempt: whole(runs.map(({ attempt }) => attempt)),
      worker: text(runs.map(() => 'host:1')),
      started_at: instants(runs.map(() => null)),
      ended_at: instants(runs.map(() => null)),
      outcome: text(runs.map(({ outcome }) => outcome)),
      error_code: text(runs.map(() => null)),
      exit_code: whole(runs.map(() => null)),
    }),
  )
  await warehouse.append(
    'ops.job_artifacts',
    columnBatch({
      job_id: text(artifacts.map((artifact) => artifact.job_id)),
      name: text(artifacts.map(({ name }) => name)),
      media_type: text(artifacts.map(() => 'text/html')),
      sha256: text(artifacts.map(({ name }) => name)),
      bytes: whole(artifacts.map(({ bytes }) => bytes)),
    }),
  )
  const missing = quality.map(() => null)
  await warehouse.append(
    'monitoring.quality_results',
    columnBatch({
      run_id: text(missing),
      view_name: text(missing),
      table_name: text(quality.map((row) => row.table_name)),
      column_name: text(missing),
      check_name: text(quality.map((row) => row.check_name)),
      severity: text(quality.map(({ severity }) => severity)),
      passed: { type: 'boolean', values: quality.map(({ passed }) => passed) },
      failed_rows: whole(missing),
      checked_rows: whole(missing),
      example: text(missing),
      query: text(missing),
      scanned: text(missing),
      checked_at: instants(quality.map((row) => row.checked_at)),
    }),
  )
}
