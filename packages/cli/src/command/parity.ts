import { parityReasons, type ParityReason } from '@martlet/drift'
import { toMicros } from '@martlet/feature-store'
import { MartletError } from '@martlet/warehouse'
import { parityOf } from '../monitor/parity-of.ts'
import { parityLines } from '../monitor/parity-text.ts'
import type { Outcome } from '../terminal/outcome.ts'
import { hanging } from '../terminal/table.ts'
import type { CommandContext, GlobalOptions } from './run-command.ts'

export interface ParityOptions extends GlobalOptions {
  readonly from?: string
  readonly to?: string
  readonly atLeast?: string
  readonly allow?: readonly string[]
  readonly tolerance?: string
  readonly modelVersion?: string
}

const UNLOADED = '  martlet log load brings predictions of later files into the warehouse.'
const WEEK = 7 * 86_400_000

/** `parity <model>`: logged vectors against what the definitions give, once; monitors do it regularly. */
export async function parityCommand(context: CommandContext, model: string, options: ParityOptions): Promise<Outcome> {
  const now = new Date()
  const to = options.to === undefined ? now : instant(options.to, '--to')
  const from = options.from === undefined ? new Date(to.getTime() - WEEK) : instant(options.from, '--from')
  if (!(from < to)) throw usage('--from is not before --to. Give the earlier instant first.')
  const rules = {
    ...(options.atLeast === undefined ? {} : { atLeast: share(options.atLeast, '--at-least') }),
    ...(options.tolerance === undefined ? {} : { tolerance: share(options.tolerance, '--tolerance') }),
    ...(options.allow === undefined ? {} : { allow: options.allow.map(reasonOf) }),
    ...(options.modelVersion === undefined ? {} : { version: versionOf(options.modelVersion) }),
  }
  const project = await context.project()
  const result = await parityOf(project, {
    name: model,
    parity: { model, ...rules },
    warehouse: await project.warehouse(),
    windows: [{ from, to }],
    now,
    policy: {},
    record: false,
  })
  const { status, exitCode, sentence, windows } = result
  const { paint, width } = context.terminal
  const colour = status === 'ok' ? 'green' : status === 'drift' ? 'red' : 'yellow'
  return {
    exitCode,
    data: { model, from: from.toISOString(), to: to.toISOString(), status, sentence, ...windows[0]?.parity },
    text: [
      hanging(`${paint(colour, status)} `, sentence, width),
      ...parityLines(windows.at(-1), context.terminal),
      ...(status === 'no_data' && windows[0]?.parity?.skipped === 0 ? [UNLOADED] : []),
    ].join('\n'),
  }
}

function instant(text: string, option: string): Date {
  return new Date(Number(toMicros(text, option) / 1000n))
}

function share(text: string, option: string): number {
  const value = Number(text)
  if (text.trim() !== '' && value >= 0 && value <= 1) return value
  throw usage(`${option} ${text} is not a share from 0 to 1, such as 0.999.`)
}

function versionOf(text: string): number {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value > 0) return value
  throw usage(`--model-version ${text} is not the number of a version.`)
}

function reasonOf(text: string): ParityReason {
  const found = parityReasons.find((reason) => reason === text)
  if (found !== undefined) return found
  throw usage(`--allow ${text} is not a reason. Give one of ${parityReasons.join(', ')}.`)
}

function usage(message: string): MartletError {
  return new MartletError('USAGE', message, { data: {} })
}
