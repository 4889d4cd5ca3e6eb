import process from 'node:process'
import {
  checkedTables,
  currentDefinitions,
  findingText,
  instantText,
  materialize,
  MaterializeFailed,
  planMaterialization,
  progressReporter,
  toMicros,
} from '@martlet/feature-store'
import type {
  AnyFeatureView,
  MaterializedView,
  MaterializeEvent,
  PlannedView,
  QualityOptions,
} from '@martlet/feature-store'
import { liveModels } from '@martlet/registry'
import { MartletError } from '@martlet/warehouse'
import { materializeObservations } from '../alert/materialize-observations.ts'
import { alertOf } from '../alert/project-alerts.ts'
import { named } from '../project/definitions.ts'
import type { Project } from '../project/project.ts'
import type { Outcome } from '../terminal/outcome.ts'
import { hanging, table } from '../terminal/table.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { counted, grouped, instantWords } from '../terminal/words.ts'
import type { CommandContext, GlobalOptions } from './run-command.ts'

export interface MaterializeCommandOptions extends GlobalOptions {
  readonly from?: string
  readonly to?: string
  readonly allowFuture?: boolean
  readonly publish: boolean
  readonly dryRun?: boolean
}

export async function materializeCommand(
  context: CommandContext,
  names: readonly string[],
  options: MaterializeCommandOptions,
): Promise<Outcome> {
  const { terminal } = context
  const range = {
    ...(options.from === undefined ? {} : { from: toMicros(options.from, '--from') }),
    ...(options.to === undefined ? {} : { to: toMicros(options.to, '--to') }),
  }
  const project = await context.project()
  const views = await appliedViews(project, names)
  const online = options.publish ? { online: await project.online() } : {}
  const what = {
    warehouse: await project.warehouse(),
    catalog: await project.catalog(),
    ...online,
    ...range,
    allowFuture: options.allowFuture === true,
    views,
    sources: [...(await project.definitions()).sources.values()],
  }
  if (options.dryRun === true) {
    const planned = (await planMaterialization(what)).views.map(plannedData)
    return { exitCode: 0, data: { dryRun: true, views: planned }, text: plannedText(planned, terminal) }
  }
  const quality = names.length === 0 ? project.config.quality : qualityOf(project.config.quality, views)
  const report = progressReporter({ stream: process.stderr, json: terminal.events })
  const models = await liveModels(await project.registry())
  const work = materialize({
    ...what,
    models,
    signal: context.signal,
    ...(context.waiting === undefined ? {} : { wait: context.waiting }),
    ...(quality === undefined ? {} : { quality }),
    onProgress: terminal.events ? report : toPeople(terminal, report),
  })
  const tell = async (done: readonly MaterializedView[], error?: unknown): Promise<void> => {
    const names = views.map(({ name }) => name)
    await alertOf(project, context, await materializeObservations(project, names, done, error))
  }
  const done = await work.catch(async (error: unknown) => {
    // Why it failed is the answer, also when that cannot be told.
    if (!context.signal.aborted)
      await tell(error instanceof MaterializeFailed ? error.done : [], error).catch((why: unknown) =>
        terminal.note(`alerts: ${String(why)}`),
      )
    // What the other views did is part of the answer; in JSON it is in the error.
    if (error instanceof MaterializeFailed && error.done.length > 0 && !terminal.json)
      terminal.say(`${doneText(error.done, terminal)}\n`)
    throw error
  })
  await tell(done)
  return { exitCode: 0, data: { dryRun: false, views: done.map(doneData) }, text: doneText(done, terminal) }
}

/** Of severities, those of the tables that these views read or write: the configuration is about all views. */
function qualityOf(
  quality: QualityOptions | false | undefined,
  views: readonly AnyFeatureView[],
): QualityOptions | false | undefined {
  if (quality === false || quality?.severity === undefined) return quality
  const tables = views.flatMap((view) => [...checkedTables(view), `features.${view.plan.name}`])
  const severity = Object.entries(quality.severity).filter(([key]) =>
    tables.some((table) => key.startsWith(`${table}.`)),
  )
  return { ...quality, severity: Object.fromEntries(severity) }
}

/** Shows people the plan as a table; warnings and totals are in the answer. */
function toPeople(terminal: Terminal, report: (event: MaterializeEvent) => void): (event: MaterializeEvent) => void {
  let plans: Plan[] = []
  const clear = (): void => void (process.stderr.isTTY && process.stderr.write('\r\u001b[2K'))
  return (event) => {
    if (event.type === 'plan') return void plans.push(event)
    // The plans of all views come first, one after the other.
    if (plans.length > 0) {
      clear()
      terminal.note(plannedText(plans, terminal))
      plans = []
    }
    if (event.type === 'quality') {
      const found = event.warnings > 0 ? `; ${counted(event.warnings, 'warning')}` : ''
      clear()
      // The sources of a view over views are those of the views that it reads.
      if (event.scanned.length === 0 && found === '') return
      terminal.note(hanging(`${event.view}  checked `, `${event.scanned.join('; ')}${found}`, terminal.width))
    } else if (event.type === 'done') clear()
    else report(event)
  }
}

/**
 * The views asked for, or all of them.
 * @throws MartletError VIEW_UNKNOWN when a view is not defined, DEFINITION_NOT_APPLIED when one is not applied
 */
async function appliedViews(project: Project, names: readonly string[]): Promise<readonly AnyFeatureView[]> {
  const { views } = await project.definitions()
  const wanted = names.length === 0 ? [...views.values()] : names.map((name) => named(views, name, 'view'))
  const applied = new Set(
    (await currentDefinitions((await project.catalog()).db)).flatMap(({ kind, name }) =>
      kind === 'view' ? [name] : [],
    ),
  )
  const missing = wanted.filter(({ name }) => !applied.has(name))
  if (missing.length === 0) return wanted
  const missingNames = missing.map(({ name }) => name)
  const which = missingNames.length === 1 ? `View ${missingNames.join()} has` : `Views ${missingNames.join(', ')} have`
  throw new MartletError(
    'DEFINITION_NOT_APPLIED',
    `${which} not been applied to the catalog. Run \`martlet apply\` first.`,
    { data: { views: missingNames } },
  )
}

type Plan = Omit<Extract<MaterializeEvent, { type: 'plan' }>, 'type'>

function plannedData({ view, work, instants, estimatedRows, choice }: PlannedView): Plan {
  const range =
    work.action === 'write' || work.action === 'rebuild'
      ? { from: instantText(work.start), to: instantText(work.to) }
      : { from: null, to: null }
  const by = choice?.reason ?? null
  return { view: view.name, action: work.action, reason: work.reason, ...range, instants, estimatedRows, by }
}

function plannedText(planned: readonly Plan[], { paint, width }: Terminal): string {
  const columns = [
    { title: 'view' },
    { title: 'from' },
    { title: 'to' },
    { title: 'rows, about', right: true },
    { title: 'what and why' },
  ]
  return table(
    columns,
    planned.map(({ view, action, reason, from, to, estimatedRows, by }) => {
      const range =
        from === null || to === null ? ['–', '–', '–'] : [instantWords(from), instantWords(to), grouped(estimatedRows)]
      return [
        view,
        ...range,
        action === 'nothing' ? paint('dim', reason) : `${action}: ${reason}${by === null ? '' : `; by ${by}`}`,
      ]
    }),
    paint,
    width,
  )
}

function doneData({
  view,
  run,
  action,
  reason,
  from,
  to,
  rows,
  published,
  newest,
  watermark,
  findings,
  seconds,
}: MaterializedView): object {
  const text = (instant: bigint | null): string | null => (instant === null ? null : instantText(instant))
  return {
    view,
    run,
    action,
    reason,
    from: text(from),
    to: text(to),
    rows,
    published,
    newest: text(newest),
    watermark: text(watermark),
    findings,
    seconds,
  }
}

function doneText(done: readonly MaterializedView[], { paint, width }: Terminal): string {
  const columns = [
    { title: 'view' },
    { title: 'rows', right: true },
    { title: 'published', right: true },
    { title: 'seconds', right: true },
    { title: 'newest row' },
    { title: 'complete before' },
  ]
  const rows = done.map(({ view, rows, published, seconds, newest, watermark }) => [
    view,
    grouped(rows),
    published === null ? '–' : grouped(published),
    seconds.toFixed(1),
    instantWords(newest),
    instantWords(watermark),
  ])
  const warnings = [...new Set(done.flatMap(({ findings }) => findings.map(findingText)))]
  const warningLines =
    warnings.length === 0
      ? []
      : [
          '',
          paint('yellow', counted(warnings.length, 'warning')),
          ...warnings.map((warning) => hanging('  ', warning, width)),
        ]
  return [table(columns, rows, paint, width), ...warningLines].join('\n')
}
