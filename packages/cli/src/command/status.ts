import { listLeases, listRuns, type LeaseHolder } from '@martlet/feature-store'
import { MartletError } from '@martlet/warehouse'
import type { Outcome } from '../terminal/outcome.ts'
import { hanging, table } from '../terminal/table.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { ageWords, counted, grouped, instantWords } from '../terminal/words.ts'
import { named } from '../project/definitions.ts'
import { keptStatuses, type KeptStatus } from '../project/kept-status.ts'
import { scheduleOf } from '../schedule/schedule.ts'
import { outcomeOf, scheduleStatuses, statusTable } from '../schedule/schedule-status.ts'
import { listSlots, type SlotRow } from '../schedule/slot-store.ts'
import { sourceStatuses, type SourceStatus } from '../project/source-status.ts'
import { asTheyEnded, viewStatuses, type ViewStatus } from '../project/view-status.ts'
import type { CommandContext, GlobalOptions } from './run-command.ts'

export interface StatusOptions extends GlobalOptions {
  readonly lineage?: string
}

export interface RunsOptions extends GlobalOptions {
  readonly view?: string
  readonly limit?: string
}

export async function status(context: CommandContext): Promise<Outcome> {
  const { paint, width } = context.terminal
  const project = await context.project()
  const now = Date.now()
  const views = await viewStatuses(project, now)
  const models = (await (await project.registry()).aliases()).map(({ model, alias, version }) => ({
    model,
    alias,
    version,
  }))
  const kept = await keptStatuses(project)
  const { schedules = [] } = project.config
  const { db } = await project.catalog()
  const scheduled = await scheduleStatuses(db, schedules.map(scheduleOf), await listLeases(db), now)
  const sources = await sourceStatuses(project)
  const columns = [
    { title: 'view' },
    { title: 'newest row' },
    { title: 'complete before' },
    { title: 'newest online' },
    { title: 'last run' },
  ]
  const rows = views.map(({ view, newest, watermark, publishedTime, late, continuous, lastRun }) => {
    const run =
      lastRun === null
        ? 'never'
        : lastRun.finishedAt === null
          ? lastRun.outcome === 'abandoned'
            ? 'stopped'
            : lastRun.outcome
          : `${lastRun.outcome} ${ageWords(now - Date.parse(lastRun.finishedAt))} ago`
    return [
      view,
      continuous ? 'at any instant' : instantWords(newest),
      late ? paint('yellow', `${instantWords(watermark)} late`) : instantWords(watermark),
      instantWords(publishedTime),
      lastRun?.outcome === 'failed' || lastRun?.outcome === 'abandoned' ? paint('red', run) : run,
    ]
  })
  const viewsText = views.length === 0 ? 'no view is applied yet: martlet apply' : table(columns, rows, paint, width)
  const holders = views.flatMap(({ holder, unfinished }) =>
    holder === null ? [] : ['', ...holderText(holder, unfinished, width)],
  )
  const ranges = views.flatMap(({ view, holder, unfinished }) =>
    holder !== null || unfinished === null ? [] : ['', hanging(`${view}  `, rangeText(view, unfinished), width)],
  )
  const modelsText =
    models.length === 0
      ? 'no model is live'
      : models.map(({ model, alias, version }) => `${model}@${alias}  version ${version}`).join('\n')
  const older = kept.length === 0 ? [] : ['', ...kept.map((one) => keptText(one, width))]
  const sourcesText = sources.length === 0 ? [] : ['', sourceTable(sources, now, context.terminal)]
  const schedulesText = scheduled.length === 0 ? [] : ['', statusTable(scheduled, context.terminal)]
  return {
    exitCode: 0,
    data: { views, models, kept, schedules: scheduled, sources },
    text: [viewsText, ...holders, ...ranges, ...older, '', modelsText, ...sourcesText, ...schedulesText].join('\n'),
  }
}

function sourceTable(sources: readonly SourceStatus[], now: number, { paint, width }: Terminal): string {
  const columns = [
    { title: 'source' },
    { title: 'events', right: true },
    { title: 'not in the warehouse', right: true },
    { title: 'oldest came' },
  ]
  const rows = sources.map(({ source, position, lag, waitingSince }) => [
    source,
    grouped(position),
    lag === 0 ? grouped(lag) : paint('yellow', grouped(lag)),
    waitingSince === null ? '–' : `${ageWords(now - Date.parse(waitingSince))} ago`,
  ])
  return table(columns, rows, paint, width)
}

function keptText({ view, definition, name, watermark, models }: KeptStatus, width: number): string {
  const names = models.map(({ model, alias, version }) => `${model}@${alias} version ${version}`).join(', ')
  const whom =
    models.length === 0
      ? 'no longer needed by a live model: the next `martlet materialize` drops it'
      : `kept for ${names}`
  const what = `definition ${definition.slice(0, 8)}, features.${name}, complete before ${instantWords(watermark)}`
  return hanging(`${view}  `, `${what}; ${whom}`, width)
}

/** How to finish a range that was stopped; other runs leave it as it is. */
export function rangeText(view: string, { from, to, done }: NonNullable<ViewStatus['unfinished']>): string {
  const command = `martlet materialize ${view} --from ${short(from)} --to ${short(to)}`
  return `a range was not finished, and is written before ${instantWords(done)}: \`${command}\` continues there`
}

function short(instant: string): string {
  return instantWords(instant).replace(' ', 'T')
}

function holderText(
  { view, actor, pid, host, since, gone }: LeaseHolder,
  unfinished: ViewStatus['unfinished'],
  width: number,
): readonly string[] {
  const who = `${actor} (process ${pid} on ${host})`
  const from = instantWords(since.slice(0, 19))
  const rest = unfinished === null ? `\`martlet materialize ${view}\` continues there` : rangeText(view, unfinished)
  const text = gone
    ? `stopped before its end: ${who} began at ${from}; ${rest}`
    : `is being materialized by ${who} since ${from}`
  return [hanging(`${view}  `, text, width)]
}

export async function runs(context: CommandContext, options: RunsOptions): Promise<Outcome> {
  const { paint, width } = context.terminal
  const limit = Number(options.limit ?? 20)
  if (!Number.isSafeInteger(limit) || limit < 1)
    throw new MartletError(
      'USAGE',
      `--limit ${options.limit} is not a number of runs. Give a whole number of at least 1.`,
    )
  const project = await context.project()
  if (options.view !== undefined) named((await project.definitions()).views, options.view, 'view')
  const { db } = await project.catalog()
  const holders = await listLeases(db)
  const found = asTheyEnded(
    await listRuns(db, { limit, ...(options.view === undefined ? {} : { view: options.view }) }),
    holders,
  )
  const slots = options.view === undefined ? (await listSlots(db, { limit })).map(slotRun(holders)) : []
  const columns = [
    { title: 'started' },
    { title: 'view' },
    { title: 'outcome' },
    { title: 'rows', right: true },
    { title: 'seconds', right: true },
    { title: 'why' },
  ]
  const rows = found.map((run) => [
    instantWords(run.started_at.slice(0, 19)),
    run.view,
    run.outcome === 'succeeded' ? run.outcome : paint(run.outcome === 'running' ? 'cyan' : 'red', run.outcome),
    grouped(run.rows),
    run.seconds === null ? '–' : run.seconds.toFixed(1),
    run.error ?? run.reason,
  ])
  return {
    exitCode: 0,
    data: { runs: found, slots },
    text: [
      found.length === 0 ? 'nothing has run yet: martlet materialize' : table(columns, rows, paint, width),
      ...(slots.length === 0 ? [] : ['', slotsText(slots, context.terminal)]),
    ].join('\n'),
  }
}

type SlotRun = ReturnType<ReturnType<typeof slotRun>>

/** A slot of a schedule among the runs. */
function slotRun(holders: readonly LeaseHolder[]) {
  return (row: SlotRow) => ({
    schedule: row.schedule,
    slot: row.slot,
    outcome: outcomeOf(row, holders),
    passed: row.passed,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    error: row.error,
    alert: row.alert,
  })
}

function slotsText(slots: readonly SlotRun[], { paint, width }: Terminal): string {
  const columns = [
    { title: 'started' },
    { title: 'schedule' },
    { title: 'slot' },
    { title: 'outcome' },
    { title: 'seconds', right: true },
    { title: 'why' },
  ]
  const rows = slots.map(({ schedule, slot, outcome, startedAt, finishedAt, error, passed }) => [
    instantWords(startedAt.slice(0, 19)),
    schedule,
    instantWords(slot),
    outcome === 'succeeded' ? outcome : paint(outcome === 'running' ? 'cyan' : 'red', outcome),
    finishedAt === null ? '–' : ((Date.parse(finishedAt) - Date.parse(startedAt)) / 1000).toFixed(1),
    error ?? (passed === 0 ? '' : `${counted(passed, 'slot')} before it passed over`),
  ])
  return table(columns, rows, paint, width)
}
