import { setTimeout as sleep } from 'node:timers/promises'
import type { AttemptEnd, HeldJob } from '@martlet/feature-store'
import { checkedJob, type AskedJob, type DeclaredKind } from '@martlet/serving'
import { MartletError } from '@martlet/warehouse'
import type { StepEnd, StepRunner } from '../schedule/step-process.ts'
import { earlierEnded } from './earlier-process.ts'
import { JobOutput } from './job-output.ts'
import { wordsOfJob } from './job-words.ts'
import { backOff, isWorthRepeating } from './retries.ts'

/** News are written at most this often, and the lease is renewed at least this often. */
const NEWS_MS = 1_000
const RENEW_MS = 15_000
/** A worker that could not renew its lease for so long no longer has it. */
const LEASE_MS = 60_000

export interface RunJobOptions {
  readonly config: string
  readonly folder: string
  /** Kinds that the project declares. @default none */
  readonly kinds?: readonly DeclaredKind[]
  readonly runStep: StepRunner
  readonly redact: (text: string) => string
  /** How long the command waits for a warehouse that another process has open, such as `10m`. */
  readonly wait: string
  /** How often it is looked whether somebody has cancelled the job, in milliseconds. */
  readonly pollMs: number
  /** Aborts when this worker stops: the job goes back to the queue. */
  readonly signal: AbortSignal
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** From 0 to 1. */
  readonly random: () => number
  readonly onLine: (line: string) => void
}

export interface JobEnd {
  /** `lost`: another worker has taken it over. */
  readonly outcome: 'succeeded' | 'failed' | 'cancelled' | 'retried' | 'given back' | 'lost'
  /** `CODE: message` of what went wrong; null when nothing did. */
  readonly error: string | null
}

type Stop = 'cancelled' | 'lost' | 'given back'

/** Makes one attempt at a job that this process holds, in a process of its own, and writes down how it ended. */
export async function runJob(held: HeldJob, options: RunJobOptions): Promise<JobEnd> {
  let asked: AskedJob
  try {
    const limits = { argumentBytes: Number.POSITIVE_INFINITY }
    asked = checkedJob(held.job.kind, JSON.parse(held.job.arguments), limits, options.kinds)
  } catch (error) {
    return notUnderstood(held, error, options.now())
  }
  const output = new JobOutput(options.redact)
  const stop = new AbortController()
  let why: Stop | undefined
  const because = (reason: Stop): void => {
    why ??= reason
    stop.abort()
  }
  const drain = (): void => because('given back')
  options.signal.addEventListener('abort', drain)
  if (options.signal.aborted) drain()
  const over = new AbortController()
  const watching = watch(held, output, options, over.signal, because)
  let end: StepEnd | undefined
  try {
    await earlierEnded(held.earlier, options.config)
    if (held.job.cancelled_by !== null) because('cancelled')
    if (why === undefined) end = await runOnce({ held, asked, output }, options, stop.signal, because)
  } finally {
    options.signal.removeEventListener('abort', drain)
    over.abort()
    await watching
  }
  return settle(held, output, end, why, options)
}

/** Renews the lease, writes news, and hears that the job is cancelled or lost, until the attempt is over. */
async function watch(
  held: HeldJob,
  output: JobOutput,
  { pollMs, now }: RunJobOptions,
  over: AbortSignal,
  because: (reason: Stop) => void,
): Promise<void> {
  let [written, renewed] = [performance.now(), performance.now()]
  for (;;) {
    await sleep(Math.min(pollMs, RENEW_MS), undefined, { signal: over }).catch(() => undefined)
    if (over.aborted) return
    const at = performance.now()
    try {
      const news = at - written >= NEWS_MS ? output.news() : undefined
      const renews = news !== undefined || at - renewed >= RENEW_MS
      const state = renews ? await held.renew(news ?? {}, now()) : await held.asked()
      if (news !== undefined) written = at
      if (renews) renewed = at
      if (state !== 'held') because(state)
    } catch {
      // A catalog that cannot be reached for a moment is no reason to stop.
      if (at - renewed >= LEASE_MS) because('lost')
    }
  }
}

async function runOnce(
  { held, asked, output }: { readonly held: HeldJob; readonly asked: AskedJob; readonly output: JobOutput },
  { config, folder, runStep, wait, onLine }: RunJobOptions,
  signal: AbortSignal,
  because: (reason: Stop) => void,
): Promise<StepEnd> {
  const { job } = held
  return runStep({
    words: [...wordsOfJob(asked, wait, job.created_at), '--json'],
    config,
    folder,
    env: { MARTLET_ACTOR: job.requested_by },
    timeout: job.time_limit * 1000,
    signal,
    // The output is cleaned text by text.
    redact: (text) => text,
    async onStart(pid) {
      const ours = await held.begun(pid).catch(() => false)
      if (ours) return
      because('lost')
      // It must not begin.
      await new Promise(() => undefined)
    },
    onLine(line, from) {
      output.add(line, from)
      if (from === 'stderr') onLine(line)
    },
  })
}

async function settle(
  held: HeldJob,
  output: JobOutput,
  end: StepEnd | undefined,
  why: Stop | undefined,
  options: RunJobOptions,
): Promise<JobEnd> {
  const { now, random, redact } = options
  const { kind, failures, max_failures: most } = held.job
  if (why === 'lost') return LOST
  const { result, error } = output.answer()
  const news = output.all()
  const exitCode = end?.exitCode ?? null
  // Drift that was found is what a drift job is for.
  const answered = error === null && (exitCode === 0 || exitCode === 2 || (kind === 'drift' && result !== null))
  if (end !== undefined && answered && !end.late) {
    const well: AttemptEnd = { ...news, result, error_code: null, error: null, exit_code: exitCode }
    return (await held.end('succeeded', well, now())) ? { outcome: 'succeeded', error: null } : LOST
  }
  if (why === 'given back' && (await held.giveBack(news, now()))) return { outcome: 'given back', error: null }
  const cancelled = { ...news, error_code: null, error: null, exit_code: exitCode }
  if (why !== undefined) {
    const over = await held.end('cancelled', cancelled, now())
    return over ? { outcome: 'cancelled', error: null } : LOST
  }
  const code = end?.late === true ? 'JOB_TIME_LIMIT' : (error?.code ?? null)
  const message = end?.late === true ? end.error : (error?.message ?? (end?.error == null ? null : redact(end.error)))
  const badly: AttemptEnd = {
    ...news,
    error_code: code,
    error: message ?? 'The command failed without saying why.',
    exit_code: exitCode,
  }
  const text = code === null ? badly.error : `${code}: ${badly.error}`
  const again = isWorthRepeating(exitCode, code) && failures + 1 < most
  if (again && (await held.retry(badly, now() + backOff(failures + 1, random()), now())))
    return { outcome: 'retried', error: text }
  // It may have been cancelled in the meantime.
  if (again) {
    const over = await held.end('cancelled', cancelled, now())
    return over ? { outcome: 'cancelled', error: null } : LOST
  }
  return (await held.end('failed', badly, now())) ? { outcome: 'failed', error: text } : LOST
}

const LOST: JobEnd = { outcome: 'lost', error: null }

/** It was asked of another version of Martlet. */
async function notUnderstood(held: HeldJob, cause: unknown, now: number): Promise<JobEnd> {
  const code = cause instanceof MartletError ? cause.code : 'UNEXPECTED'
  const message = cause instanceof Error ? cause.message : String(cause)
  const over = await held.end('failed', { error_code: code, error: message, exit_code: null }, now)
  return over ? { outcome: 'failed', error: `${code}: ${message}` } : LOST
}
