import { countOf, randomOf, type Random } from '@martlet/example-logistics/random'

const MINUTE = 60_000
const HOUR = 3_600_000
const DAY = 86_400_000

export interface Pipeline {
  readonly pipeline: string
  readonly queue: string
  readonly owner: string
  readonly writes: string
  readonly every_minutes: number
  readonly fresh_minutes: number
  readonly valid_from: Date
}

export interface Run {
  readonly run_id: string
  readonly pipeline: string
  readonly started_at: Date
  readonly ended_at: Date
  readonly waited_seconds: number
  readonly seconds: number
  readonly rows_written: number
  readonly bytes_written: number
  readonly failed: boolean
  readonly error: string | null
}

export interface QueueSample {
  readonly queue: string
  readonly sampled_at: Date
  readonly waiting: number
  readonly running: number
}

export interface Platform {
  readonly pipelines: readonly Pipeline[]
  readonly runs: readonly Run[]
  readonly queues: readonly QueueSample[]
}

export interface PlatformOptions {
  readonly seed: number
  readonly days: number
  /** Milliseconds since the epoch. */
  readonly end: number
}

/** What each pipeline writes, how often it runs, and how long and how much that is when all is well. */
const KNOWN = [
  ['load_usage', 'fast', 'data', 'mart.fact_usage', 60, 40, 9_000],
  ['load_tickets', 'fast', 'support', 'mart.fact_ticket', 60, 15, 400],
  ['load_invoices', 'fast', 'finance', 'mart.fact_invoice', 240, 30, 2_000],
  ['load_contracts', 'fast', 'finance', 'mart.dim_contract', 720, 20, 300],
  ['load_customers', 'fast', 'sales', 'mart.dim_customer', 720, 25, 500],
  ['sync_crm', 'fast', 'sales', 'raw.crm', 120, 70, 3_500],
  ['daily_usage', 'slow', 'data', 'mart.daily_usage', 360, 180, 40_000],
  ['revenue', 'slow', 'finance', 'mart.revenue', 720, 240, 25_000],
  ['support_load', 'slow', 'support', 'mart.support_load', 360, 120, 8_000],
  ['features', 'slow', 'ml', 'features.customer', 360, 300, 60_000],
  ['scores', 'slow', 'ml', 'scores.customer', 720, 150, 12_000],
  ['exports', 'slow', 'data', 'raw.exports', 720, 200, 15_000],
] as const

const ERRORS = ['SOURCE_MISSING', 'TIMEOUT', 'OUT_OF_MEMORY', 'QUALITY_FAILED']

/** Longer queues on working days, with bursts. */
function queueLength(random: Random, at: number, burst: boolean): number {
  const hour = new Date(at).getUTCHours()
  const busy = hour >= 7 && hour < 18 && new Date(at).getUTCDay() % 6 !== 0
  return countOf(random, (busy ? 6 : 2) + (burst ? 25 : 0))
}

/** Pipelines and their runs: now and then one gets into trouble, is slow and writes less for hours, and then fails again and again. */
export function makePlatform({ seed, days, end }: PlatformOptions): Platform {
  const start = Math.floor(end / DAY) * DAY - days * DAY
  const queues: QueueSample[] = []
  const bursts = new Map<string, Set<number>>()
  for (const [place, queue] of ['fast', 'slow'].entries()) {
    const random = randomOf(seed, 2, place)
    const found = new Set<number>()
    for (let at = start; at <= end; at += HOUR) {
      if (random.next() < 0.01) for (let hour = 0; hour < 5; hour++) found.add(at + hour * HOUR)
      const waiting = queueLength(random, at, found.has(at))
      queues.push({ queue, sampled_at: new Date(at), waiting, running: Math.min(4, waiting) })
    }
    bursts.set(queue, found)
  }
  const runs = KNOWN.flatMap((pipeline, place) => runsOf(pipeline, randomOf(seed, 3, place), start, end, bursts))
  return {
    pipelines: KNOWN.map(([pipeline, queue, owner, writes, every]) => ({
      pipeline,
      queue,
      owner,
      writes,
      every_minutes: every,
      fresh_minutes: 2 * every + 30,
      valid_from: new Date(start),
    })),
    runs: runs.toSorted((a, b) => a.started_at.getTime() - b.started_at.getTime() || (a.run_id < b.run_id ? -1 : 1)),
    queues,
  }
}

function runsOf(
  [pipeline, queue, , , every, usual, size]: (typeof KNOWN)[number],
  random: Random,
  start: number,
  end: number,
  bursts: ReadonlyMap<string, ReadonlySet<number>>,
): readonly Run[] {
  const runs: Run[] = []
  const step = every * MINUTE
  let [troubleFrom, troubleTo] = [0, 0]
  for (let at = start + Math.floor(random.next() * step); at < end; at += step) {
    if (at > troubleTo && random.next() < (every / 1440) * 0.09) {
      troubleFrom = at
      troubleTo = at + (1 + 2 * random.next()) * DAY
    }
    const trouble = at <= troubleTo ? Math.min(1, (at - troubleFrom) / (0.7 * DAY)) : 0
    const slow = at <= troubleTo ? 1.4 + trouble : 1
    const burst = bursts.get(queue)?.has(Math.floor(at / HOUR) * HOUR) === true
    const waited = Math.round((burst ? 600 : 20) * (0.3 + random.next()))
    const failed = random.next() < 0.008 + 0.55 * trouble * trouble + (burst ? 0.06 : 0)
    const seconds = Math.round(1000 * usual * slow * Math.exp(0.15 * random.normal()) * (failed ? 0.4 : 1)) / 1000
    const began = at + waited * 1000
    const ended = began + Math.round(seconds * 1000)
    if (ended > end) break
    const rows = failed ? 0 : Math.round((size / slow) * Math.exp(0.1 * random.normal()))
    runs.push({
      run_id: `${pipeline}-${new Date(at).toISOString().slice(0, 19)}`,
      pipeline,
      started_at: new Date(began),
      ended_at: new Date(ended),
      waited_seconds: waited,
      seconds,
      rows_written: rows,
      bytes_written: rows * 180,
      failed,
      error: failed ? (ERRORS[Math.floor(random.next() * ERRORS.length)] ?? null) : null,
    })
  }
  return runs
}
