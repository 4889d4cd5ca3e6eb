import process from 'node:process'
import { everyGrid, type Duration, type MadeSpine, type Spine, type ViewPlan } from '@martlet/feature-store'
import { MartletError } from '@martlet/warehouse'
import { named, type ProjectDefinitions } from '../project/definitions.ts'
import { isQueryFile, readQueryFile } from '../project/query-file.ts'

/** The options that say which rows: a table or query, or everybody of a view at the times of a grid. */
export interface SpineOptions {
  readonly spine?: string
  readonly time?: string
  readonly zone?: string
  readonly every?: string
  readonly of?: string
  readonly start?: string
  readonly end?: string
  readonly after?: string
}

/** A spine of the configuration or of the command line, with its time column. */
export interface ChosenSpine {
  readonly spine: string | MadeSpine
  readonly time: string
  readonly zone?: string
}

const GRID_OPTIONS = ['of', 'start', 'end', 'after'] as const

/**
 * What the command line says of the spine.
 * @throws MartletError USAGE when options contradict each other, or one is missing
 */
export function givenSpine(options: SpineOptions, definitions: ProjectDefinitions): Partial<ChosenSpine> {
  const { spine, time, zone } = options
  const own = {
    ...(spine === undefined ? {} : { spine }),
    ...(time === undefined ? {} : { time }),
    ...(zone === undefined ? {} : { zone }),
  }
  if (options.every === undefined) {
    const stray = GRID_OPTIONS.find((option) => options[option] !== undefined)
    if (stray === undefined) return own
    throw usage(
      `--${stray} is about rows on a grid of times, which --every makes. Give --every 1d too, or leave it out.`,
    )
  }
  if (spine !== undefined) throw usage('--spine and --every both say which rows there are. Give one of them.')
  const { every, of, start, end, after } = options
  if (of === undefined || start === undefined || end === undefined)
    throw usage(
      'With --every, the rows are of everybody of a view in a range of time. Give --of <view>, --start <instant> and --end <instant>.',
    )
  const view = named(viewsOf(definitions), of, 'view')
  const made = everyGrid({
    of: view,
    from: start,
    to: end,
    every: duration(every, 'every'),
    ...(zone === undefined ? {} : { zone }),
    ...(after === undefined ? {} : { after: duration(after, 'after') }),
  })
  return { spine: made, time: time ?? 'at' }
}

/** The views that are exported, and those of services. */
function viewsOf({ views, services }: ProjectDefinitions): ReadonlyMap<string, ViewPlan> {
  const parts = [...services.values()].flatMap(({ plan }) => plan.views.map(({ view }) => view))
  return new Map([...parts, ...[...views.values()].map(({ plan }) => plan)].map((plan) => [plan.name, plan]))
}

/** @throws MartletError USAGE when it is not a length of time */
export function duration(text: string, option: string): Duration {
  if (isDuration(text)) return text
  throw usage(`--${option} ${text} is not a length of time. Write a number and m, h, d or w, such as 6h or 1d.`)
}

function isDuration(text: string): text is Duration {
  return /^\d+(\.\d+)?[mhdw]$/.test(text)
}

/**
 * The spine to read: a path counts from `folder`.
 * @throws MartletError USAGE when a file cannot be read, or has not exactly one statement
 */
export async function readSpine(spine: string | MadeSpine, folder: string): Promise<Spine> {
  if (typeof spine !== 'string') return spine
  if (!isQueryFile(spine)) return { table: spine }
  const { query, file, line } = await readQueryFile(spine, folder, 'The spine')
  return { query, from: { file, line } }
}

/** A path counts from the working folder on the command line, and from the configuration's folder in the configuration. */
export function spineFolder(given: Partial<ChosenSpine>, configured: string): string {
  return given.spine === undefined ? configured : process.cwd()
}

function usage(message: string): MartletError {
  return new MartletError('USAGE', message)
}
