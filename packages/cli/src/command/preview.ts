import { previewRows, toMicros, type FeatureEvents, type PreviewedRow, type PreviewValue } from '@martlet/feature-store'
import { MartletError } from '@martlet/warehouse'
import { keysOfText } from '../erase/read-keys.ts'
import { named } from '../project/definitions.ts'
import type { Outcome } from '../terminal/outcome.ts'
import type { Paint } from '../terminal/paint.ts'
import { table } from '../terminal/table.ts'
import { counted, instantWords } from '../terminal/words.ts'
import type { CommandContext, GlobalOptions } from './run-command.ts'

export interface PreviewCommandOptions extends GlobalOptions {
  readonly keys: string
  readonly at?: string
  readonly feature?: readonly string[]
  readonly newest?: string
}

/** `preview <view> --keys c1,c2`: the rows as they would have been served, and the events behind some features. */
export async function preview(context: CommandContext, name: string, options: PreviewCommandOptions): Promise<Outcome> {
  const events = Number(options.newest ?? 20)
  if (!Number.isSafeInteger(events) || events < 1)
    throw new MartletError(
      'USAGE',
      `--newest ${options.newest} is not a number of events. Give a whole number of at least 1.`,
    )
  const project = await context.project()
  const view = named((await project.definitions()).views, name, 'view')
  const found = await previewRows({
    warehouse: await project.warehouse(),
    view,
    keys: keysOfText(options.keys, view.plan.entity),
    ...(options.at === undefined ? {} : { at: toMicros(options.at, '--at') }),
    ...(options.feature === undefined ? {} : { features: options.feature }),
    events,
  })
  const { paint, width } = context.terminal
  const when =
    found.featureTime === null
      ? 'rows have times of their own'
      : `row of ${instantWords(found.featureTime)}, computed from the facts`
  const text = found.rows.map((row) => rowText(name, row, when, paint, width)).join('\n\n')
  const featureTime = found.featureTime === null ? null : new Date(Number(found.featureTime / 1000n)).toISOString()
  return { exitCode: 0, data: { ...found, featureTime }, text }
}

function rowText(view: string, { key, features }: PreviewedRow, when: string, paint: Paint, width: number): string {
  const keys = Object.entries(key).map(([name, value]) => `${name} ${valueText(value)}`)
  const columns = [{ title: 'feature' }, { title: 'value', right: true }, { title: 'computed as' }]
  const rows = features.map((feature) => [feature.name, valueText(feature.value), feature.words])
  const behind = features.flatMap(({ name, events = [] }) =>
    events.map((one) => `\n${eventsText(name, one, paint, width)}`),
  )
  return [`${view} of ${keys.join(', ')}: ${when}`, '', table(columns, rows, paint, width), ...behind].join('\n')
}

function eventsText(feature: string, { words, count, newest }: FeatureEvents, paint: Paint, width: number): string {
  const shown = newest.length < count ? `, the newest ${newest.length}` : ''
  const title = `${feature}: ${words}, ${counted(count, 'event')}${shown}`
  const [first] = newest
  if (first === undefined) return title
  const has = { known: 'known' in first, value: 'value' in first, second: 'second' in first }
  const columns = [
    { title: 'time' },
    ...(has.known ? [{ title: 'arrived' }] : []),
    ...(has.value ? [{ title: 'value', right: true }] : []),
    ...(has.second ? [{ title: 'second', right: true }] : []),
  ]
  const rows = newest.map(({ time, known, value, second }) => [
    valueText(time),
    ...(has.known ? [valueText(known ?? null)] : []),
    ...(has.value ? [valueText(value ?? null)] : []),
    ...(has.second ? [valueText(second ?? null)] : []),
  ])
  return `${title}\n${table(columns, rows, paint, width)}`
}

function valueText(value: PreviewValue): string {
  if (value === null) return 'null'
  return value instanceof Date ? instantWords(value) : String(value)
}
