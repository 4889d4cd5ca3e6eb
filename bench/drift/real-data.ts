/**
 * What monitors say of real data: the load of eleven zones over ten years, taxi trips before and after, and the series of
 * the Numenta Anomaly Benchmark. Prints tables, and writes reports to a folder. The data is read from `../shared/data`.
 *
 *   node --conditions=@martlet/source bench/drift/real-data.ts <folder> [pjm] [taxis] [nab]
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { toHtml, toMarkdown, type DriftResult, type WindowResult } from '@martlet/drift'
import { openDuckDb } from '@martlet/warehouse'
import { scoreOf, watchSeries, type SeriesScore } from '../../packages/drift/test/real-data/nab.ts'
import { loadByHour, watchLoad, watchLoadPlainly, weeksFrom } from '../../packages/drift/test/real-data/pjm.ts'
import { watchTaxis } from '../../packages/drift/test/real-data/taxis.ts'

const [folder = '.tmp/real-data', ...chosen] = process.argv.slice(2)
mkdirSync(folder, { recursive: true })
await using warehouse = await openDuckDb()
const asked = (name: string): boolean => chosen.length === 0 || chosen.includes(name)
const alerted = ({ severity }: WindowResult): boolean => severity === 'warn' || severity === 'crit'

function write(name: string, result: DriftResult): void {
  writeFileSync(join(folder, `${name}.html`), toHtml(result))
  writeFileSync(join(folder, `${name}.md`), toMarkdown(result))
}

function summary(name: string, { windows }: DriftResult): void {
  const alerts = windows.filter(alerted)
  const episodes = windows.filter((window, i) => alerted(window) && !(i > 0 && windows.slice(i - 1, i).some(alerted)))
  const years = windows.length / 52.18
  console.log(
    `${name}: ${alerts.length} of ${windows.length} weeks alert (${(alerts.length / years).toFixed(1)} a year), ` +
      `${episodes.length} times (${(episodes.length / years).toFixed(1)} a year), ` +
      `${windows.filter(({ severity }) => severity === 'crit').length} critical ` +
      `[${(process.cpuUsage().user / 1e6).toFixed(0)} s of processor time so far]`,
  )
}

function list({ windows }: DriftResult): void {
  for (const { from, severity, sentence } of windows.filter(alerted))
    console.log(`  ${from?.slice(0, 10)} ${severity} ${sentence}`)
}

if (asked('pjm')) {
  await loadByHour(warehouse)
  const weeks = weeksFrom('2008-08-04', 521)
  const year = { from: new Date('2007-08-06T00:00:00Z'), to: new Date('2008-08-04T00:00:00Z') }
  write('pjm', await watchLoad(warehouse, weeksFrom('2010-03-08', 12), { windows: 8 }))
  summary('all of one year', await watchLoadPlainly(warehouse, weeks, year))
  const eight = await watchLoad(warehouse, weeks, { windows: 8 })
  summary('eight weeks', eight)
  list(eight)
  const around = await watchLoad(warehouse, weeks, { yearAgo: true, around: 4 })
  summary('a year ago and four weeks around', around)
  list(around)
  const yearAgo = await watchLoad(warehouse, weeks, { yearAgo: true })
  summary('a year ago', yearAgo)
  list(yearAgo)
  summary('a year ago, rows that share their time', await watchLoad(warehouse, weeks, { yearAgo: true }, {}, []))
  summary('a year ago, rows as independent', await watchLoad(warehouse, weeks, { yearAgo: true }, { learnt: 'never' }))
}

if (asked('taxis')) {
  const result = await watchTaxis(warehouse)
  write('taxis', result)
  console.log(result.sentence)
  for (const { severity, sentence } of result.windows.at(-1)?.findings ?? []) console.log(`${severity} ${sentence}`)
  for (const { severity, sentence } of result.windows.at(-1)?.causes ?? [])
    console.log(`cause: ${severity} ${sentence}`)
}

if (asked('nab')) {
  const groups = new Map<string, SeriesScore[]>()
  const weekly = await watchSeries(warehouse, '', { weekdays: true })
  const daily = await watchSeries(warehouse, '')
  for (const watched of [...daily, ...weekly]) {
    const group = weekly.includes(watched) ? 'long series, same weekdays' : (watched.series.split('/')[0] ?? '')
    const score = scoreOf(watched)
    groups.set(group, [...(groups.get(group) ?? []), score])
    console.log(`${watched.series} ${JSON.stringify(score)}`)
    if (watched.series === 'realKnownCause/nyc_taxi.csv')
      write(weekly.includes(watched) ? 'nab-weekdays' : 'nab', watched.result)
  }
  for (const [group, scores] of [...groups, ['all', daily.map(scoreOf)] as const]) {
    const sum = (of: keyof SeriesScore): number => scores.reduce((total, score) => total + score[of], 0)
    console.log(
      `| ${group} | ${scores.length} | ${sum('days')} | ${sum('hit')} of ${sum('windows')} | ` +
        `${((7 * sum('alerts')) / sum('days')).toFixed(2)} | ${((7 * sum('outside')) / sum('quiet')).toFixed(2)} |`,
    )
  }
}
