import type { Run } from '../../src/generate/platform.ts'
import type { JobRow, SmallPlatform } from './small-platform.ts'

const DAY = 86_400_000
type Plain = Readonly<Record<string, unknown>>

export const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
export const mean = (values: readonly number[]): number | null =>
  values.length === 0 ? null : sum(values) / values.length
export const most = (values: readonly (Date | null)[]): number =>
  Math.max(...values.map((value) => (value === null ? Number.NEGATIVE_INFINITY : value.getTime())))

/** The rows by what a function says of each. */
export function groups<T>(rows: readonly T[], key: (row: T) => string): ReadonlyMap<string, readonly T[]> {
  const found = new Map<string, T[]>()
  for (const row of rows) found.set(key(row), [...(found.get(key(row)) ?? []), row])
  return found
}

export function clock({ world, jobs }: SmallPlatform): number {
  return Math.max(
    most(world.runs.map((run) => run.ended_at)),
    most(jobs.map((job) => job.created_at)),
    most(jobs.map((job) => job.ended_at)),
  )
}

export function pipelineCost({ world }: SmallPlatform): readonly Plain[] {
  const day = (run: Run): string => run.started_at.toISOString().slice(0, 10)
  return [...groups(world.runs, (run) => `${run.pipeline}\n${day(run)}`).values()].map((rows) => {
    const [first] = rows
    const seconds = sum(rows.map((run) => run.seconds))
    const written = sum(rows.map((run) => run.rows_written))
    return {
      pipeline: first?.pipeline,
      day: first === undefined ? null : new Date(day(first)),
      runs: rows.length,
      failed_runs: rows.filter(({ failed }) => failed).length,
      rows_written: written,
      bytes_written: sum(rows.map((run) => run.bytes_written)),
      seconds,
      wasted_seconds: sum(rows.filter(({ failed }) => failed).map((run) => run.seconds)),
      seconds_per_million_rows: written === 0 ? null : (seconds / written) * 1_000_000,
    }
  })
}

export function pipelineSla(platform: SmallPlatform): readonly Plain[] {
  const { world, quality } = platform
  const now = clock(platform)
  return world.pipelines.map((pipeline) => {
    const runs = world.runs.filter((run) => run.pipeline === pipeline.pipeline)
    const good = runs.filter(({ failed }) => !failed)
    const succeeded = good.length === 0 ? null : most(good.map((run) => run.ended_at))
    const checks = quality.filter((row) => row.table_name === pipeline.writes)
    const newest = checks.filter((row) => row.checked_at.getTime() === most(checks.map((one) => one.checked_at)))
    const week = runs.filter((run) => run.started_at.getTime() >= now - 7 * DAY)
    const failed = week.filter((run) => run.failed).length
    return {
      pipeline: pipeline.pipeline,
      owner: pipeline.owner,
      writes: pipeline.writes,
      every_minutes: pipeline.every_minutes,
      fresh_minutes: pipeline.fresh_minutes,
      succeeded_at: succeeded === null ? null : new Date(succeeded),
      age_minutes: succeeded === null ? null : (now - succeeded) / 60_000,
      fresh: succeeded !== null && now - succeeded <= pipeline.fresh_minutes * 60_000,
      checks: newest.length === 0 ? null : newest.length,
      failed_checks: newest.length === 0 ? null : newest.filter(({ passed }) => !passed).length,
      quality_ok: !newest.some(({ passed, severity }) => !passed && severity === 'error'),
      runs_7d: week.length,
      failed_7d: failed,
      success_share_7d: week.length === 0 ? null : 1 - failed / week.length,
    }
  })
}

export function jobMonitoring(platform: SmallPlatform): readonly Plain[] {
  const { jobs, runs, artifacts } = platform
  const now = clock(platform)
  const within = (job: JobRow, days: number): boolean =>
    job.ended_at !== null && now - job.ended_at.getTime() <= days * DAY
  const bad = ({ state }: JobRow): boolean => state === 'failed' || state === 'refused'
  const waits = ({ state }: JobRow): boolean => state === null || state === 'queued'
  return [...groups(jobs, ({ type }) => type)].map(([type, rows]) => {
    const ids = rows.map((job) => job.job_id)
    const succeeded = rows.filter(({ state }) => state === 'succeeded')
    const work = rows.flatMap(({ started_at: from, ended_at: to }) =>
      from === null || to === null ? [] : [(to.getTime() - from.getTime()) / 1000],
    )
    const waited = rows.flatMap(({ created_at: from, started_at: to }) =>
      from === null || to === null ? [] : [(to.getTime() - from.getTime()) / 1000],
    )
    const waiting = rows
      .filter(waits)
      .flatMap((job) => (job.created_at === null ? [] : [(now - job.created_at.getTime()) / 1000]))
    const good = succeeded.filter((job) => within(job, 7)).length
    const failed = rows.filter((job) => bad(job) && within(job, 7)).length
    const files = artifacts.filter((artifact) => ids.includes(artifact.job_id))
    return {
      type,
      jobs: rows.length,
      waiting: rows.filter(waits).length,
      running: rows.filter(({ state }) => state === 'running').length,
      succeeded_24h: succeeded.filter((job) => within(job, 1)).length,
      failed_24h: rows.filter((job) => bad(job) && within(job, 1)).length,
      succeeded_7d: good,
      failed_7d: failed,
      success_share_7d: good + failed === 0 ? null : good / (good + failed),
      repeated_attempts: sum(rows.map(({ attempts }) => Math.max(0, (attempts ?? 0) - 1))),
      attempts_lost: runs.filter((run) => run.outcome === 'lost' && ids.includes(run.job_id)).length,
      oldest_waiting_seconds: waiting.length === 0 ? null : Math.max(...waiting),
      mean_wait_seconds: mean(waited),
      mean_work_seconds: mean(work),
      p95_work_seconds: percentile(work, 0.95),
      succeeded_at: succeeded.length === 0 ? null : new Date(most(succeeded.map((job) => job.ended_at))),
      artifacts: files.length,
      artifact_bytes: sum(files.map(({ bytes }) => bytes)),
    }
  })
}

/** Between the two nearest values, as PERCENTILE_CONT. */
function percentile(values: readonly number[], share: number): number | null {
  const sorted = values.toSorted((a, b) => a - b)
  if (sorted.length === 0) return null
  const place = share * (sorted.length - 1)
  const [below, above] = [sorted[Math.floor(place)] ?? 0, sorted[Math.ceil(place)] ?? 0]
  return below + (above - below) * (place - Math.floor(place))
}

export function operationalStatus(platform: SmallPlatform): readonly Plain[] {
  const sla = pipelineSla(platform)
  const work = jobMonitoring(platform)
  const total = (rows: readonly Plain[], name: string): number => sum(rows.map((row) => Number(row[name])))
  const newest = [...groups(platform.world.queues, ({ queue }) => queue).values()].map((samples) =>
    samples.reduce((last, sample) => (sample.sampled_at > last.sampled_at ? sample : last)),
  )
  const runs = total(sla, 'runs_7d')
  const part = (place: number, name: string, well: number, of: number, least: number): Plain => ({
    place,
    part: name,
    well,
    total: of,
    status: of === 0 || well === of ? 'ok' : well >= least * of ? 'warn' : 'down',
  })
  return [
    part(1, 'freshness', sla.filter((row) => row['fresh'] === true).length, sla.length, 0.7),
    part(2, 'quality', sla.filter((row) => row['quality_ok'] === true).length, sla.length, 0.9),
    part(3, 'runs of the week', runs - total(sla, 'failed_7d'), runs, 0.9),
    part(4, 'queues', newest.filter(({ waiting }) => waiting <= 20).length, newest.length, 0.5),
    part(
      5,
      'jobs of the day',
      total(work, 'succeeded_24h'),
      total(work, 'succeeded_24h') + total(work, 'failed_24h'),
      0.8,
    ),
  ]
}
