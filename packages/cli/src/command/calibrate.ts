import { calibrateModel, type ReferenceProfile } from '@martlet/drift'
import { MartletError } from '@martlet/warehouse'
import type { MonitorConfig } from '../config/martlet-config.ts'
import { suggestion } from '../config/suggestion.ts'
import type { TruthConfig } from '../config/truth-config.ts'
import { chanceOfYes } from '../monitor/chance-of-yes.ts'
import { classScores } from '../monitor/class-scores.ts'
import { labelsOf, micros } from '../monitor/truth-of.ts'
import { span } from '../monitor/windows-of.ts'
import type { Project } from '../project/project.ts'
import type { Outcome } from '../terminal/outcome.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { counted, instantWords } from '../terminal/words.ts'
import type { CommandContext, GlobalOptions } from './run-command.ts'

export interface CalibrateOptions extends GlobalOptions {
  readonly truth?: string
  readonly span?: string
}

/** `calibrate <monitor>`: what the monitor's estimates rest on, from predictions whose labels are known. */
export async function calibrate(context: CommandContext, name: string, options: CalibrateOptions): Promise<Outcome> {
  const project = await context.project()
  const monitor = monitorNamed(project, name)
  const { name: of, truth } = truthFor(project, monitor, options.truth)
  const { every, reference, model, task, positive, time, version, threshold } = truth
  const when = options.span ?? reference
  const scores = await classScores(project, truth)
  const [warehouse, labels] = [await project.warehouse(), await labelsOf(project, truth.labels)]
  const prediction = await chanceOfYes(project, warehouse, truth, labels)
  const profile = await calibrateModel({
    warehouse,
    model,
    monitor: of,
    profile: monitor.profile ?? monitor.name,
    labels,
    ...(task === undefined ? {} : { task }),
    ...(scores === undefined ? {} : { scores }),
    ...(positive === undefined ? {} : { positive }),
    ...(prediction === undefined ? {} : { prediction }),
    ...(time === undefined ? {} : { time }),
    ...(version === undefined ? {} : { version }),
    ...(threshold === undefined ? {} : { threshold }),
    ...(every === undefined ? {} : { every: micros(every) }),
    ...(when === undefined ? {} : { span: span(when, '--span') }),
  })
  const { calibration } = profile
  return {
    exitCode: 0,
    data: {
      monitor: monitor.name,
      truth: of,
      profile: profile.name,
      kind: calibration?.kind,
      labels: calibration?.rows,
      from: profile.time?.from,
      to: profile.time?.to,
      performance: calibration?.performance,
    },
    text: textOf(profile, monitor, context.terminal),
  }
}

function monitorNamed(project: Project, name: string): MonitorConfig & { readonly model: string } {
  const monitors = (project.config.monitors ?? []).filter(({ truth }) => truth === undefined)
  const found = monitors.find((one) => one.name === name)
  if (found === undefined)
    throw new MartletError(
      'CONFIG_INVALID',
      `There is no monitor ${name} of rows. ${suggestion(
        name,
        monitors.map((one) => one.name),
        'monitors',
      )}`,
      { data: { monitor: name } },
    )
  const { model } = found
  if (model !== undefined) return { ...found, model }
  throw new MartletError(
    'CONFIG_INVALID',
    `Monitor ${name} is not of a model's predictions, so nothing can be estimated for it. Give it \`model\`.`,
    { data: { monitor: name } },
  )
}

/** The monitor that compares the predictions of the same model with labels. */
function truthFor(
  project: Project,
  { name, model }: { readonly name: string; readonly model: string },
  asked: string | undefined,
): { readonly name: string; readonly truth: TruthConfig } {
  const known = (project.config.monitors ?? []).flatMap((one) =>
    one.truth === undefined || one.truth.model !== model ? [] : [{ name: one.name, truth: one.truth }],
  )
  const found = known.filter((one) => asked === undefined || one.name === asked)
  const [only] = found
  if (only !== undefined && found.length === 1) return only
  const names = known.map((one) => one.name)
  const why =
    names.length === 0
      ? `No monitor compares predictions of ${model} with labels. Add one with \`truth\`.`
      : asked === undefined
        ? `Several monitors know labels of ${model}: ${names.join(', ')}. Choose one with --truth.`
        : `Monitor ${asked} does not compare predictions of ${model} with labels. ${suggestion(asked, names, 'monitors')}`
  throw new MartletError('CONFIG_INVALID', why, { data: { monitor: name, model } })
}

function textOf({ name, calibration, time }: ReferenceProfile, monitor: MonitorConfig, terminal: Terminal): string {
  const figures = Object.entries(calibration?.performance ?? {})
    .filter((entry): entry is [string, number] => typeof entry[1] === 'number')
    .map(([metric, value]) => `${metric} ${Number(value.toPrecision(3))}`)
  const when = time === null ? '' : ` from ${instantWords(time.from)} to ${instantWords(time.to)}`
  return [
    `${terminal.paint('bold', name)}: estimates rest on ${counted(calibration?.rows ?? 0, 'labelled prediction')}${when}`,
    `  ${figures.join(', ')}`,
    ...(monitor.estimate === true ? [] : [`  set estimate: true in monitor ${monitor.name} to have them`]),
  ].join('\n')
}
