import process from 'node:process'
import { visibleText } from '@martlet/warehouse/visible-text'
import type { Command } from 'commander'
import type { ExitCode } from '../terminal/outcome.ts'
import type { CommandRun, GlobalOptions } from './run-command.ts'

/** Adds examples below the help of a command. */
export function withExamples(command: Command, examples: readonly string[]): Command {
  return command.addHelpText('after', `\nExamples:\n${examples.map((example) => `  $ martlet ${example}`).join('\n')}`)
}

const unscheduled = new WeakSet<Command>()

/** Says that a schedule cannot run a command: it never ends, asks, or would run schedules. */
export function neverScheduled(command: Command): Command {
  unscheduled.add(command)
  return command
}

export function isUnscheduled(command: Command): boolean {
  return unscheduled.has(command)
}

/** Adds the options that every command has, after its own. */
export function addCommon(command: Command): void {
  for (const inner of command.commands) addCommon(inner)
  if (command.commands.length > 0) return
  command
    .option('-c, --config <path>', 'the configuration file (default: martlet.config.ts here or in a folder above)')
    .option('--json', 'answer with one JSON document on stdout; events as JSON lines on stderr')
    .option('--events', 'progress as JSON lines on stderr')
    .option('--verbose', 'causes and stacks of errors')
}

/** Runs a command, which is loaded only then, so that help and mistakes are answered at once. */
export async function run(
  name: string,
  options: GlobalOptions,
  work: CommandRun['work'],
  failure?: ExitCode,
): Promise<ExitCode> {
  const loaded = await import('./run-command.ts').catch((error: unknown) => reportBroken(name, options, error))
  if (loaded === undefined) return 1
  const { runCommand } = loaded
  return runCommand({ command: name, options, work, ...(failure === undefined ? {} : { failure }) })
}

/** Collects an option that may be given several times. */
export function several(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value]
}

/** Without its native modules the rest cannot be loaded, so this uses only what Node has. */
function reportBroken(command: string, options: GlobalOptions, error: unknown): undefined {
  const why = (error instanceof Error ? error.message : String(error)).split('\n')[0]
  const message =
    `A module that martlet needs cannot be loaded: ${why}. ` +
    `Install the packages again on this machine with this Node (${process.version}): npm ci.`
  const answer = { ok: false, command, exitCode: 1, error: { code: 'MODULE_NOT_LOADED', message, data: {} } }
  if (options.json === true) process.stdout.write(`${visibleText(JSON.stringify(answer))}\n`)
  else process.stderr.write(visibleText(`error MODULE_NOT_LOADED\n  ${message}\n`))
}
