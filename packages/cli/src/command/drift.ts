import { existsSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import {
  observationOf,
  readMonitors,
  reportFormats,
  toIndex,
  type DriftResult,
  type Observation,
  type ReportFormat,
} from '@martlet/drift'
import { MartletError } from '@martlet/warehouse'
import { failedObservation } from '../alert/failed-observation.ts'
import { alertOf } from '../alert/project-alerts.ts'
import type { MonitorConfig } from '../config/martlet-config.ts'
import { suggestion } from '../config/suggestion.ts'
import { evaluateMonitor } from '../monitor/evaluate-monitor.ts'
import { parityLines } from '../monitor/parity-text.ts'
import { windowsOf } from '../monitor/windows-of.ts'
import { prepareFolder } from '../place/prepare-folder.ts'
import { writeWhole } from '../place/write-whole.ts'
import type { Project } from '../project/project.ts'
import { redactor } from '../schedule/redact.ts'
import type { ExitCode, Outcome } from '../terminal/outcome.ts'
import { errorData } from '../terminal/error-text.ts'
import { hanging } from '../terminal/table.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { grouped, instantWords } from '../terminal/words.ts'
import type { CommandContext, GlobalOptions } from './run-command.ts'

export interface DriftOptions extends GlobalOptions {
  readonly out?: string
  readonly format?: readonly string[]
  readonly failOn?: string
  readonly window?: string
  readonly windows?: string
  readonly until?: string
  readonly alerts: boolean
}

interface Report {
  readonly result: DriftResult
  /** Where each format was written, by its name. */
  readonly files: Readonly<Record<string, string>>
}

/** What is written when no format is asked for. */
const DEFAULT_FORMATS: readonly string[] = ['html', 'json', 'markdown']

export async function drift(
  context: CommandContext,
  name: string | undefined,
  options: DriftOptions,
): Promise<Outcome> {
  const { terminal } = context
  const failOn = failOnOf(options.failOn)
  const formats = formatsOf(options.format ?? DEFAULT_FORMATS)
  const choice = { window: options.window, windows: options.windows, until: options.until }
  windowsOf({ name: '' }, choice, new Date())
  const project = await context.project()
  const monitors = wantedMonitors(project, name)
  const out = options.out === undefined ? project.paths.reports : resolve(options.out)
  const exported = options.out !== undefined
  const inOut = exported ? context.exporting : <T>(work: () => T): T => work()
  inOut(() => prepareFolder(out, exported ? '--out' : 'reports', exported ? 0o777 : 0o700))
  const reports: Report[] = []
  const observed: Observation[] = []
  const failures: unknown[] = []
  for (const monitor of monitors) {
    try {
      const { result, idle } = await evaluateMonitor(project, monitor, choice, failOn)
      observed.push(observationOf(result))
      for (const column of idle) terminal.note(`${monitor.name} mutes column ${column}, which it does not have`)
      const files = inOut(() => write(out, result, formats, exported ? 0o666 : 0o600))
      reports.push({ result, files })
      const { status, exitCode } = result
      terminal.event({ type: 'monitor', monitor: monitor.name, status, exitCode, files })
    } catch (error) {
      failures.push(error)
      if (context.signal.aborted) break
      if (observed.at(-1)?.subject !== `drift:${monitor.name}`)
        observed.push(...failedObservation(monitor.name, error, redactor(project.config)))
      if (monitors.length > 1) {
        const { code, message } = errorData(error, false)
        terminal.note(`${monitor.name} could not be evaluated: ${code}: ${message}`)
        terminal.event({
          type: 'monitor',
          monitor: monitor.name,
          status: 'not_evaluable',
          exitCode: 3,
          error: { code, message },
        })
      }
    }
  }
  let index: string | null = null
  try {
    if (formats.some(({ name: format }) => format === 'html'))
      index = await writeIndex(project, out, inOut, exported ? 0o666 : 0o600)
  } catch (error) {
    // It reads the warehouse, whose failure somebody has to be told of.
    failures.push(error)
  }
  const told = options.alerts ? alertOf(project, context, observed) : undefined
  const text = reports.map((report) => reportText(report, terminal)).join('\n\n')
  // What failed first is the answer, with the reports of the other monitors written and told.
  if (failures.length > 0) {
    if (text !== '' && !terminal.json) terminal.say(text)
    await told?.catch((error: unknown) => terminal.note(`alerts: ${String(error)}`))
    throw failures[0]
  }
  await told
  return {
    exitCode: worstCode(reports.map(({ result }) => result.exitCode)),
    data: {
      monitors: reports.map(({ result, files }) => ({
        monitor: result.monitor,
        status: result.status,
        severity: result.severity,
        exitCode: result.exitCode,
        sentence: result.sentence,
        lookAt: result.lookAt,
        since: result.since,
        windows: result.windows.map(windowData),
        files,
      })),
      index,
    },
    text,
  }
}

function wantedMonitors(project: Project, name: string | undefined): readonly MonitorConfig[] {
  const all = project.config.monitors ?? []
  if (name === undefined) {
    if (all.length > 0) return all
    throw new MartletError(
      'CONFIG_INVALID',
      'The configuration has no monitors. Add monitors: [{ name, service, window }] to martlet.config.ts.',
      { data: { key: 'monitors' } },
    )
  }
  const found = all.find((monitor) => monitor.name === name)
  if (found !== undefined) return [found]
  throw new MartletError(
    'MONITOR_UNKNOWN',
    `There is no monitor called ${name} in the configuration. ${suggestion(
      name,
      all.map((monitor) => monitor.name),
      'monitors',
    )}`,
    { data: { name } },
  )
}

function failOnOf(text: string | undefined): 'warn' | 'crit' | undefined {
  if (text === undefined || text === 'warn') return text
  if (text === 'drift') return 'crit'
  throw new MartletError('USAGE', `--fail-on ${text} is not a severity. Give warn or drift.`, {
    data: { failOn: text },
  })
}

function formatsOf(names: readonly string[]): readonly ReportFormat[] {
  return names.map((name) => {
    const format = reportFormats.find((known) => known.name === name)
    if (format !== undefined) return format
    const known = reportFormats.map((one) => one.name).join(', ')
    throw new MartletError('USAGE', `--format ${name} is not a report format. Give one of ${known}.`, {
      data: { format: name },
    })
  })
}

function write(out: string, result: DriftResult, formats: readonly ReportFormat[], mode: number): Report['files'] {
  const files = formats.map(({ name, extension, render }) => {
    const file = join(out, `${result.monitor}.${extension}`)
    writeWhole(file, render(result), mode)
    return [name, file] as const
  })
  return Object.fromEntries(files)
}

/** The page over all monitors that ever ran, with links to the reports that are there. */
async function writeIndex(
  project: Project,
  out: string,
  inOut: <T>(work: () => T) => T,
  mode: number,
): Promise<string> {
  const monitors = await readMonitors(await project.warehouse())
  const reportOf = (monitor: string): string | null =>
    /^[\w.-]+$/.test(monitor) && existsSync(join(out, `${monitor}.html`)) ? `${encodeURIComponent(monitor)}.html` : null
  const file = join(out, 'index.html')
  inOut(() => writeWhole(file, toIndex(monitors, { now: new Date(), reportOf }), mode))
  return file
}

/** Drift outranks an evaluation that failed, which outranks warnings. */
function worstCode(codes: readonly DriftResult['exitCode'][]): ExitCode {
  return ([1, 3, 2] as const).find((code) => codes.includes(code)) ?? 0
}

function windowData({ from, to, rows, status, severity, sentence, estimate }: DriftResult['windows'][number]): object {
  return { from, to, rows, status, severity, sentence, ...(estimate === undefined ? {} : { estimate }) }
}

/** Lines of causes on the terminal; the reports have them all. */
const MOST_ALERTS = 8

/** What happened, each thing once: findings about the whole window, then causes, which have the other findings in them. */
function alertsOf({
  findings,
  causes,
}: DriftResult['windows'][number]): readonly (readonly ['warn' | 'crit', string])[] {
  const whole = findings.filter(({ column, view }) => column === null && view === undefined)
  const named = causes.map((cause) => ({ ...cause, sentence: withColumns(cause) }))
  return [...whole, ...named].flatMap(({ severity, sentence }) =>
    severity === 'warn' || severity === 'crit' ? [[severity, sentence] as const] : [],
  )
}

/** Columns of a cause that are named on the terminal. */
const MOST_NAMED = 4

function withColumns({ sentence, columns }: DriftResult['windows'][number]['causes'][number]): string {
  if (columns.every((name) => sentence.includes(name))) return sentence
  const more = columns.length - MOST_NAMED
  return `${sentence} Columns: ${columns.slice(0, MOST_NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}.`
}

/** The estimated performance of the newest window, and why it may be wrong. */
function estimateLines({ windows }: DriftResult, width: number): readonly string[] {
  const estimate = windows.at(-1)?.estimate
  if (estimate === undefined) return []
  const { sentence, reasons, assumption } = estimate
  return [...new Set([sentence, ...reasons, assumption.sentence])].map((line) => hanging('  ', line, width))
}

function reportText({ result, files }: Report, terminal: Terminal): string {
  const { paint, width } = terminal
  const colours = { none: 'green', info: 'green', warn: 'yellow', crit: 'red' } as const
  const latest = result.windows.at(-1)
  const span =
    latest === undefined || latest.from === null
      ? 'all rows'
      : `${instantWords(latest.from)} to ${instantWords(latest.to)}`
  const alerts = latest === undefined ? [] : alertsOf(latest)
  const isParity = latest?.parity !== undefined
  return [
    hanging(
      `${paint(result.exitCode === 3 ? 'yellow' : colours[result.severity], result.status)} `,
      `${paint('bold', result.monitor)}: ${result.sentence}`,
      width,
    ),
    ...(isParity
      ? parityLines(latest, terminal)
      : [`  ${span}, ${grouped(latest?.rows ?? 0)} rows against ${grouped(result.profile.rows)}`]),
    ...(latest?.reference === undefined ? [] : [hanging('  ', latest.reference.sentence, width)]),
    ...(isParity ? [] : alerts)
      .slice(0, MOST_ALERTS)
      .map(([severity, sentence]) => hanging(`  ${paint(colours[severity], severity.padEnd(4))} `, sentence, width)),
    ...estimateLines(result, width),
    ...(alerts.length > MOST_ALERTS ? [`  and ${alerts.length - MOST_ALERTS} more`] : []),
    ...Object.values(files)
      .slice(0, 1)
      .map((file) => `  ${paint('dim', relative('.', file))}`),
  ].join('\n')
}
