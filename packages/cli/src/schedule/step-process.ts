import { spawn, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import process from 'node:process'
import { endGroup } from '../process/end-group.ts'

const BIN = join(import.meta.dirname, '../../bin/martlet.js')
const TAIL_LENGTH = 2_000
/** How long a step that is told to stop may take until its next safe point. */
const GRACE_MS = 10_000

export interface StepStart {
  /** The program. @default the one of this package */
  readonly bin?: string
  readonly words: readonly string[]
  /** The configuration file, and the folder in which paths of the words are looked for. */
  readonly config: string
  readonly folder: string
  /** In addition to that of this process. */
  readonly env?: NodeJS.ProcessEnv
  readonly timeout: number
  readonly signal: AbortSignal
  /** Takes secrets out of what the step prints. */
  readonly redact: (text: string) => string
  /** The step begins when this has ended. */
  readonly onStart: (pid: number) => Promise<unknown>
  /** Each line that it prints, without secrets. */
  readonly onLine: (line: string, from: 'stdout' | 'stderr') => void
}

export interface StepEnd {
  /** Null: it was ended by a signal. */
  readonly exitCode: number | null
  /** What went wrong, in one line; null when it succeeded. */
  readonly error: string | null
  /** The end of what it printed to stderr. */
  readonly tail: string
  /** `signal` ended it. */
  readonly stopped: boolean
  /** It took longer than `timeout`. */
  readonly late: boolean
}

export type StepRunner = (start: StepStart) => Promise<StepEnd>

/**
 * Runs a command in a process of its own, of the same program, which ends when this process does, however that ends.
 * Exit code 2, warnings, is a success.
 */
export const runStepProcess: StepRunner = async (start) => {
  const { bin = BIN, words, config, folder, timeout, signal, redact, onLine, env } = start
  const child = spawn(process.execPath, [...process.execArgv, bin, ...words, '--config', config], {
    cwd: folder,
    env: { ...process.env, ...env, NO_COLOR: '1', COLUMNS: '110', MARTLET_STEP: '1' },
    // Signals of a terminal reach this process only, which passes one on.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  // See followParent.
  if (child.pid !== undefined)
    void start.onStart(child.pid).then(() => child.connected && child.send('begin', () => undefined))
  let [stderr, late] = ['', false]
  let grace: NodeJS.Timeout | undefined
  const stop = (): void => {
    child.kill('SIGINT')
    grace ??= setTimeout(() => endGroup(child), GRACE_MS)
  }
  const limit = setTimeout(
    () => {
      late = true
      stop()
    },
    Math.min(timeout, 2 ** 31 - 1),
  )
  signal.addEventListener('abort', stop)
  if (signal.aborted) stop()
  lines(child.stdout, (line) => onLine(line, 'stdout'), redact)
  lines(child.stderr, (line) => onLine(line, 'stderr'), redact)
  child.stderr?.on('data', (text: string) => {
    stderr = (stderr + text).slice(-8 * TAIL_LENGTH)
  })
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve(code))
  }).finally(() => {
    clearTimeout(limit)
    clearTimeout(grace)
    signal.removeEventListener('abort', stop)
  })
  const text = redact(stderr).trimEnd()
  const stopped = signal.aborted && exitCode !== 0
  const failed = exitCode !== 0 && exitCode !== 2
  const error = late
    ? `took longer than ${timeout / 1000} s and was ended`
    : failed
      ? (errorLine(text) ?? (exitCode === null ? 'its process was killed' : `ended with exit code ${exitCode}`))
      : null
  return { exitCode, error, tail: text.slice(-TAIL_LENGTH), stopped, late }
}

function lines(stream: ChildProcess['stdout'], onLine: (line: string) => void, redact: (text: string) => string): void {
  let rest = ''
  stream?.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n')
    rest = parts.pop() ?? ''
    for (const part of parts) onLine(redact(part))
  })
  stream?.on('end', () => rest !== '' && onLine(redact(rest)))
}

/** `CODE: message` of the error block, or the last line. */
function errorLine(stderr: string): string | undefined {
  const block = [...stderr.matchAll(/^error ([A-Z_]+)\n((?: {2}.*(?:\n|$))+)/gm)].at(-1)
  if (block !== undefined) {
    const message = (block[2] ?? '').split('\n').map((line) => line.trim())
    return `${block[1]}: ${message.filter((line) => line !== '' && !line.includes('--verbose')).join(' ')}`
  }
  const last = stderr.split('\n').findLast((line) => line.trim() !== '')
  return last?.trim()
}
