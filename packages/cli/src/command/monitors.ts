import { audit, defaultActor, instantText, toMicros, type Catalog } from '@martlet/feature-store'
import {
  findingKinds,
  subjectWords,
  type AlertState,
  type Mute,
  type MutedColumn,
  type MutedFinding,
} from '@martlet/drift'
import { MartletError } from '@martlet/warehouse'
import { readStates, writeStates } from '../alert/alert-rows.ts'
import { clockInstant } from '../alert/clock-instant.ts'
import { allMutes, mutedName, mutedRow } from '../alert/muted-rows.ts'
import { suggestion } from '../config/suggestion.ts'
import type { Project } from '../project/project.ts'
import { millisOf } from '../length-of-time.ts'
import type { Outcome } from '../terminal/outcome.ts'
import { table } from '../terminal/table.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { ageWords, instantWords } from '../terminal/words.ts'
import type { CommandContext, GlobalOptions } from './run-command.ts'

export interface UntilOptions extends GlobalOptions {
  readonly until: string
  readonly reason: string
}

/** A kind of finding instead of a column. */
export interface FindingOption {
  readonly finding?: string
}

/** A monitor, or something else that is watched, as the catalog has it. */
interface WatchedState {
  /** `drift:<monitor>`, `quality:<view>`, `freshness:<view>`. */
  readonly subject: string
  readonly configured: boolean
  /** Null before its first run. */
  readonly state: Omit<AlertState, 'subject'> | null
  readonly muted: readonly Mute[]
}

/** Lists what is watched: the monitors of the configuration, and what else has a state. */
export async function monitorsCommand(context: CommandContext): Promise<Outcome> {
  const project = await context.project()
  const watched = await watchedStates(project)
  return { exitCode: 0, data: { monitors: watched.map(stateData) }, text: listText(watched, context.terminal) }
}

/** Nobody is told of what a monitor finds until then, or until it has recovered. */
export async function acknowledge(context: CommandContext, name: string, options: UntilOptions): Promise<Outcome> {
  const project = await context.project()
  const { db } = await project.catalog()
  const subject = await subjectOf(project, name)
  const until = untilOf(options.until)
  const by = defaultActor()
  const reason = reasonOf(options.reason)
  await db.transaction().execute(async (inside) => {
    const state = (await readStates(inside, [subject])).get(subject)
    if (state === undefined)
      throw new MartletError('MONITOR_NEVER_RAN', `${subjectWords(subject)} has not run yet. Run it first.`, {
        data: { subject },
      })
    await writeStates(inside, [{ ...state, acknowledged: { until, by, reason } }])
    await audit(inside, { actor: by, action: 'acknowledge', subject, detail: { until, reason } })
  })
  return done(`${subjectWords(subject)} is acknowledged until ${instantWords(until)}.`, { subject, until, by, reason })
}

/** A column of a monitor, or a kind of finding, does not alert until then. */
export async function mute(
  context: CommandContext,
  name: string,
  column: string | undefined,
  options: UntilOptions & FindingOption,
): Promise<Outcome> {
  const project = await context.project()
  const { db } = await project.catalog()
  const what = whatOf(column, options.finding)
  const monitor = monitorCalled(project, name)
  const until = untilOf(options.until)
  const by = defaultActor()
  const reason = reasonOf(options.reason)
  const row = mutedRow(monitor, what)
  await db.transaction().execute(async (inside) => {
    await removeMute(inside, row)
    await inside
      .insertInto('muted_columns')
      .values({ ...row, until_time: until, reason, muted_by: by, muted_at: clockInstant() })
      .execute()
    await audit(inside, { actor: by, action: 'mute', subject: `drift:${monitor}`, detail: { ...what, until, reason } })
  })
  const text = `${wordsOf(what)} of ${name} is muted until ${instantWords(until)}.`
  return done(text, { subject: `drift:${monitor}`, ...what, until, by, reason })
}

/** What was muted alerts again. */
export async function unmute(
  context: CommandContext,
  name: string,
  column: string | undefined,
  options: FindingOption,
): Promise<Outcome> {
  const project = await context.project()
  const { db } = await project.catalog()
  const what = whatOf(column, options.finding)
  const monitor = monitorCalled(project, name)
  const actor = defaultActor()
  await db.transaction().execute(async (inside) => {
    if ((await removeMute(inside, mutedRow(monitor, what))) === 0n)
      throw new MartletError('COLUMN_NOT_MUTED', `${wordsOf(what)} of monitor ${name} is not muted.`, {
        data: { monitor: name, ...what },
      })
    await audit(inside, { actor, action: 'unmute', subject: `drift:${monitor}`, detail: { ...what } })
  })
  return done(`${wordsOf(what)} of ${name} alerts again.`, { subject: `drift:${monitor}`, ...what })
}

async function removeMute(db: Catalog['db'], row: ReturnType<typeof mutedRow>): Promise<bigint> {
  const { numDeletedRows } = await db
    .deleteFrom('muted_columns')
    .where('subject', '=', row.subject)
    .where('column_name', '=', row.column_name)
    .executeTakeFirst()
  return numDeletedRows
}

/** A window without rows has no verdict that could be lowered to a note. */
const MUTABLE = findingKinds.filter((kind) => kind !== 'noRows')

function whatOf(column: string | undefined, finding: string | undefined): MutedColumn | MutedFinding {
  if (column !== undefined && finding === undefined) return { column }
  if (column !== undefined || finding === undefined)
    throw new MartletError('USAGE', 'Give a column, or a kind of finding with --finding, such as --finding volume.')
  if (finding === 'noRows')
    throw new MartletError(
      'USAGE',
      '--finding noRows cannot be muted: without rows there is no verdict. `martlet monitors ack` keeps the monitor quiet.',
    )
  const known = MUTABLE.find((kind) => kind === finding)
  if (known !== undefined) return { finding: known }
  throw new MartletError(
    'USAGE',
    `--finding ${finding} is not a kind of finding. ${suggestion(finding, MUTABLE, 'kinds')}`,
  )
}

function wordsOf(what: MutedColumn | MutedFinding): string {
  return 'column' in what ? `Column ${what.column}` : `Finding ${what.finding}`
}

function done(text: string, data: Outcome['data']): Outcome {
  return { exitCode: 0, data, text }
}

async function watchedStates(project: Project): Promise<readonly WatchedState[]> {
  const { db } = await project.catalog()
  const states = await readStates(db)
  const muted = await allMutes(db, new Date().toISOString())
  const { monitors = [] } = project.config
  const configured = monitors.map(({ name }) => `drift:${name}`)
  const others = [...states.keys()].filter((subject) => !configured.includes(subject))
  return [...configured, ...others].map((subject) => ({
    subject,
    configured: configured.includes(subject) || !subject.startsWith('drift:'),
    state: states.get(subject) ?? null,
    muted: muted.flatMap((one) => (subject === `drift:${one.monitor}` ? [one.mute] : [])),
  }))
}

function stateData({ subject, configured, state, muted }: WatchedState): object {
  const [kind, name] = subject.split(/:(.*)/s)
  return {
    subject,
    kind,
    name,
    configured,
    status: state?.status ?? null,
    severity: state?.severity ?? null,
    sentence: state?.sentence ?? null,
    lastRun: state?.lastRun ?? null,
    alertingSince: state?.alertingSince ?? null,
    incident: state?.incident ?? 0,
    badRuns: state?.badRuns ?? 0,
    quietRuns: state?.quietRuns ?? 0,
    acknowledged: state?.acknowledged ?? null,
    muted,
  }
}

function listText(watched: readonly WatchedState[], { paint, width }: Terminal): string {
  if (watched.length === 0) return 'nothing is watched: add monitors: [{ name, service, window }] to martlet.config.ts'
  const columns = [{ title: 'monitor' }, { title: 'state' }, { title: 'last run' }, { title: 'what it says' }]
  const now = Date.now()
  const rows = watched.map(({ subject, configured, state, muted }) => [
    subject.replace(/^drift:/, ''),
    [
      configured ? stateWords(state, paint) : 'not configured',
      ...(muted.length === 0 ? [] : [`muted: ${muted.map(mutedName).join(', ')}`]),
    ].join('; '),
    state === null ? 'never' : `${ageWords(now - Date.parse(state.lastRun))} ago`,
    state?.sentence ?? '–',
  ])
  return table(columns, rows, paint, width)
}

function stateWords(state: WatchedState['state'], paint: Terminal['paint']): string {
  if (state === null) return 'never ran'
  const { alertingSince, acknowledged, status } = state
  const quietUntil =
    acknowledged !== null && acknowledged.until > clockInstant()
      ? `acknowledged until ${instantWords(acknowledged.until)} by ${acknowledged.by}: ${acknowledged.reason}`
      : undefined
  if (alertingSince === null) return [status, ...(quietUntil === undefined ? [] : [quietUntil])].join(', ')
  return `${paint('red', 'alerts')} since ${instantWords(alertingSince)}${quietUntil === undefined ? '' : `, ${quietUntil}`}`
}

/** A monitor by its name, or anything that has a state by its subject. */
async function subjectOf(project: Project, name: string): Promise<string> {
  const { monitors = [] } = project.config
  if (monitors.some((monitor) => monitor.name === name)) return `drift:${name}`
  const states = await readStates((await project.catalog()).db)
  if (states.has(name)) return name
  throw unknown(name, [...monitors.map((monitor) => monitor.name), ...states.keys()])
}

function monitorCalled({ config: { monitors = [] } }: Project, name: string): string {
  if (monitors.some((monitor) => monitor.name === name)) return name
  throw unknown(
    name,
    monitors.map((monitor) => monitor.name),
  )
}

function unknown(name: string, known: readonly string[]): MartletError {
  return new MartletError(
    'MONITOR_UNKNOWN',
    `There is no monitor called ${name}. ${suggestion(name, known, 'monitors')}`,
    { data: { name } },
  )
}

/** An instant, or a length from now on; texts of instants compare as instants up to the year 9999. */
function untilOf(text: string): string {
  const now = Date.now()
  const end = /^\d+(\.\d+)?[smhdw]$/.test(text) ? Math.round(now + millisOf(text)) : undefined
  // One that no `Date` can hold is refused as the text that it was given as.
  const until = toMicros(end === undefined || Number.isNaN(new Date(end).getTime()) ? text : new Date(end), '--until')
  if (until > BigInt(now) * 1000n) return instantText(until)
  throw new MartletError('USAGE', `--until ${text} has passed. Give a later instant, or a length such as 2h or 7d.`)
}

function reasonOf(text: string): string {
  if (text.trim() !== '') return text
  throw new MartletError('USAGE', '--reason is empty. Say why, for those who will read it later.')
}
