import process from 'node:process'
import { toMicros } from '@martlet/feature-store'
import { MartletError } from '@martlet/warehouse'
import { suggestion } from '../config/suggestion.ts'
import type { Project } from '../project/project.ts'
import { nextSlotCame, plannedSlots, runDue, type ScheduleResult } from '../schedule/run-due.ts'
import type { ScheduleEvent } from '../schedule/run-schedule.ts'
import { scheduleOf, type Schedule } from '../schedule/schedule.ts'
import type { Outcome } from '../terminal/outcome.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { counted, instantWords } from '../terminal/words.ts'
import type { CommandContext, GlobalOptions } from './run-command.ts'

export interface RunDueOptions extends GlobalOptions {
  readonly schedule?: readonly string[]
  readonly now?: string
  readonly dryRun?: boolean
  readonly failed?: boolean
  readonly watch?: boolean
}

/** `run-due`: runs the steps of all schedules whose slots have come. */
export async function runDueCommand(context: CommandContext, options: RunDueOptions): Promise<Outcome> {
  const { terminal } = context
  if (options.watch === true && (options.now !== undefined || options.dryRun === true))
    throw new MartletError('USAGE', '--watch runs slots as they come, so it goes with neither --now nor --dry-run.')
  const now = givenNow(options.now)
  const project = await context.project()
  const schedules = chosenSchedules(project, options.schedule)
  if (options.dryRun === true) return dryRun(project, schedules, now, terminal)
  const ending = new AbortController()
  const terminate = (): void => ending.abort()
  process.on('SIGTERM', terminate)
  const due = {
    project,
    configFile: await context.configFile(),
    schedules,
    waiting: context.waiting,
    failed: options.failed === true,
    signal: AbortSignal.any([context.signal, ending.signal]),
    onEvent: reporter(terminal),
  }
  try {
    if (options.watch === true) return await watch(due, terminal)
    const results = await runDue(due, now)
    return {
      exitCode: hasFailed(results) ? 1 : 0,
      data: { dryRun: false, schedules: results },
      text: results.map((result) => resultText(result, terminal)).join('\n'),
    }
  } finally {
    process.off('SIGTERM', terminate)
  }
}

/** Runs slots as they come, until it is stopped. */
async function watch(due: Parameters<typeof runDue>[0], terminal: Terminal): Promise<Outcome> {
  let rounds = 0
  const stopped = (): Outcome => ({ exitCode: 0, data: { rounds }, text: `stopped after ${counted(rounds, 'round')}` })
  do {
    rounds++
    try {
      const results = await runDue({ ...due, failed: due.failed && rounds === 1 }, Date.now())
      terminal.event({ type: 'round', schedules: results })
      terminal.note(results.map((result) => resultText(result, terminal)).join('\n'))
    } catch (error) {
      if (error instanceof MartletError && error.code === 'CANCELLED') return stopped()
      // Another process goes on with it; that one may die too.
      if (!(error instanceof MartletError && error.code === 'LEASE_LOST')) throw error
      terminal.note(error.message)
    }
  } while (await nextSlotCame(due.schedules, due.signal))
  return stopped()
}

/** The schedules that are named, or all. @throws MartletError SCHEDULE_UNKNOWN when there is none of a name */
export function chosenSchedules(project: Pick<Project, 'config'>, names: readonly string[] = []): readonly Schedule[] {
  const { schedules = [] } = project.config
  const known = schedules.map(({ name }) => name)
  if (known.length === 0)
    throw new MartletError(
      'SCHEDULE_UNKNOWN',
      "There are no schedules in martlet.config.ts. Add schedules: [{ name: 'nightly', every: '1d', at: '02:00', run: ['materialize'] }].",
    )
  for (const name of names)
    if (!known.includes(name))
      throw new MartletError(
        'SCHEDULE_UNKNOWN',
        `There is no schedule called ${name}. ${suggestion(name, known, 'schedules')}`,
        { data: { name } },
      )
  return schedules.filter(({ name }) => names.length === 0 || names.includes(name)).map(scheduleOf)
}

/** What `--now` says. @throws MartletError USAGE when it is in the future */
export function givenNow(text: string | undefined): number {
  if (text === undefined) return Date.now()
  const now = Number(toMicros(text, '--now') / 1000n)
  if (now <= Date.now()) return now
  throw new MartletError('USAGE', `--now ${text} is in the future, where nothing is due yet. Give an earlier instant.`)
}

async function dryRun(
  project: Project,
  schedules: readonly Schedule[],
  now: number,
  terminal: Terminal,
): Promise<Outcome> {
  const planned = await Promise.all(
    schedules.map(async (schedule) => ({
      schedule: schedule.name,
      slots: await plannedSlots(project, schedule, now),
    })),
  )
  const lines = planned.flatMap(({ schedule, slots }) =>
    slots.length === 0
      ? [`${schedule}  nothing is due`]
      : slots.map(
          ({ slot, passed, unfinished }) =>
            `${schedule}  ${instantWords(slot)} ${unfinished ? 'was not finished and would go on' : `would run${passedText(passed)}`}`,
        ),
  )
  return {
    exitCode: 0,
    data: { dryRun: true, schedules: planned },
    text: lines.map((line) => terminal.paint('bold', line)).join('\n'),
  }
}

function passedText(passed: number): string {
  return passed === 0 ? '' : `, ${counted(passed, 'slot')} before it passed over`
}

function hasFailed(results: readonly ScheduleResult[]): boolean {
  return results.some(({ slots }) => slots.some(({ outcome }) => outcome === 'failed'))
}

function resultText({ schedule, heldBy, slots, next }: ScheduleResult, { paint }: Terminal): string {
  const after = `next ${instantWords(next)}`
  if (heldBy !== null) return `${schedule}  is being run by ${heldBy}`
  if (slots.length === 0) return `${schedule}  nothing was due; ${after}`
  return slots
    .map(({ slot, outcome, passed }) => {
      const how = paint(outcome === 'failed' ? 'red' : 'green', outcome)
      return `${schedule}  ${instantWords(slot)} ${how}${passedText(passed)}; ${after}`
    })
    .join('\n')
}

/** Progress for people as lines, for machines as events; what steps print is for people only. */
function reporter(terminal: Terminal): (event: ScheduleEvent) => void {
  return (event) => {
    if (event.type === 'output') return terminal.note(`    ${event.line}`)
    terminal.event(event)
    if (event.type === 'alert') {
      const how = event.failure === null ? 'sent' : `not sent: ${event.failure}`
      return terminal.note(`${event.schedule}  alert ${how}`)
    }
    const slot = `${event.schedule}  ${instantWords(event.slot)}`
    if (event.type === 'slot') return terminal.note(`${slot} ${event.resumed ? 'goes on' : 'begins'}`)
    if (event.type === 'step')
      return terminal.note(`  martlet ${event.command}${event.attempt === 1 ? '' : ` (attempt ${event.attempt})`}`)
    if (event.step.outcome === 'failed') terminal.note(`  ${terminal.paint('red', 'failed')} ${event.step.error}`)
  }
}
