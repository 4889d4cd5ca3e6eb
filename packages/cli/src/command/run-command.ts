import process from 'node:process'
import type { Waiting } from '@martlet/warehouse'
import { loadConfig } from '../config/load-config.ts'
import { openProject, type Project } from '../project/project.ts'
import { errorData, errorText, exitCodeOf } from '../terminal/error-text.ts'
import { stepProblem } from './check-step.ts'
import { waitingOf } from './waiting.ts'
import type { ExitCode, Outcome } from '../terminal/outcome.ts'
import { painter, printable } from '../terminal/paint.ts'
import { openTerminal, type Terminal, type TerminalOptions } from '../terminal/terminal.ts'

export interface GlobalOptions extends TerminalOptions {
  readonly config?: string
  /** For commands that open the warehouse: how long to wait for what another process holds. */
  readonly wait?: string
}

/** What a command works with. */
export interface CommandContext {
  readonly terminal: Terminal
  /** Aborts at the first Ctrl-C; a second one ends the process. */
  readonly signal: AbortSignal
  /** The file that `--config` names. */
  readonly configPath: string | undefined
  /** Writes files whose place the user chose, with the user's own umask; everything else is for this user only. */
  exporting<T>(work: () => T): T
  /** What `--wait` says about waiting for another process; undefined: do not wait. */
  readonly waiting: Waiting | undefined
  /** The absolute path of the configuration file. */
  configFile(): Promise<string>
  /** The project of the configuration; closed when the command has ended. */
  project(): Promise<Project>
}

export interface CommandRun {
  readonly command: string
  readonly options: GlobalOptions
  /** The exit code of a failure that is not the caller's. @default 1 */
  readonly failure?: ExitCode
  readonly work: (context: CommandContext) => Promise<Outcome>
}

/** Runs a command, prints its answer or its error, and returns the exit code. */
export async function runCommand({ command, options, failure = 1, work }: CommandRun): Promise<ExitCode> {
  const terminal = openTerminal(options)
  const interrupt = new AbortController()
  const onSignal = (): void => {
    if (interrupt.signal.aborted) process.exit(130)
    terminal.note('\nstopping at the next safe point; Ctrl-C again stops at once')
    interrupt.abort()
  }
  process.on('SIGINT', onSignal)
  let open: Project | undefined
  let configFile = ''
  // DuckDB creates the files next to its database (log, spilled rows) with the umask's mode.
  const umask = process.umask(0o077)
  let waiting: Waiting | undefined
  const context: CommandContext = {
    terminal,
    get waiting() {
      return (waiting ??= waitingOf(options.wait, terminal, interrupt.signal))
    },
    signal: interrupt.signal,
    configPath: options.config,
    exporting(work) {
      process.umask(umask)
      try {
        return work()
      } finally {
        process.umask(0o077)
      }
    },
    async configFile() {
      await context.project()
      return configFile
    },
    async project() {
      if (open === undefined) {
        const { config, folder, file } = await loadConfig(options.config, stepProblem)
        configFile = file
        open = openProject(config, { folder, ...(context.waiting === undefined ? {} : { wait: context.waiting }) })
      }
      return open
    },
  }
  try {
    const { exitCode, data, text, continues } = await work(context)
    if (terminal.json) terminal.answer({ ok: exitCode === 0 || exitCode === 2, command, exitCode, ...data })
    else if (text !== '') terminal.say(text)
    // What continues afterwards handles signals itself.
    if (continues !== undefined) process.off('SIGINT', onSignal)
    await continues?.()
    return exitCode
  } catch (error) {
    const exitCode = exitCodeOf(error, failure)
    if (terminal.json) terminal.answer({ ok: false, command, exitCode, error: errorData(error, terminal.verbose) })
    else {
      const width = process.stderr.columns ?? terminal.width
      process.stderr.write(
        `${printable(errorText(error, { paint: painter(process.stderr), width, verbose: terminal.verbose }))}\n`,
      )
    }
    return exitCode
  } finally {
    process.off('SIGINT', onSignal)
    await open?.close()
    process.umask(umask)
  }
}
