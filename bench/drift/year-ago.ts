/**
 * How often a week against that of a year ago alerts: by itself, with its neighbours, which show how much weeks differ, and
 * against all of these. Hourly rows of one series.
 *
 *   node --conditions=@martlet/source bench/drift/year-ago.ts <reports>
 */
import process from 'node:process'
import { fastNormal } from '../../packages/drift/test/law/fast-random.ts'
import { alerts, reportOf, type Rows } from '../../packages/drift/test/law/report.ts'

const HOUR = 3600
const WEEK_HOURS = 168
const NEIGHBOURS = 4
const REFERENCE = 2 * NEIGHBOURS + 1

interface Weeks {
  readonly name: string
  /** What days share: its share of the variance, and its correlation from one day to the next. */
  readonly weather?: { readonly share: number; readonly memory: number }
  /** σ of the levels of weeks. */
  readonly levels?: number
  /** Half the distance from winter to summer, in σ. */
  readonly season?: number
  /** By how much the level moved. */
  readonly shift?: number
}

const scenarios: readonly Weeks[] = [
  { name: 'nothing in common' },
  { name: 'levels', levels: 0.3 },
  { name: 'weather and a season', weather: { share: 0.3, memory: 0.8 }, season: 1 },
  { name: 'weather that lasts for weeks', weather: { share: 0.3, memory: 0.95 } },
  { name: 'moved by 0.5', shift: 0.5 },
  { name: 'levels, moved by 1.2', levels: 0.15, shift: 1.2 },
]

/** Nine weeks a year ago, and the week that is compared with the middle one. */
function drawn(seed: number, { weather, levels = 0, season = 0, shift = 0 }: Weeks): readonly [Rows, Rows] {
  const draw = fastNormal(seed)
  const { share, memory } = weather ?? { share: 0, memory: 0 }
  const series = (weeks: number, firstDay: number): number[] => {
    let day = draw()
    return Array.from({ length: weeks }, (_, week) => {
      const level = levels * draw()
      return Array.from({ length: 7 }, (__, weekday) => {
        day = memory * day + Math.sqrt(1 - memory ** 2) * draw()
        const at = level - season * Math.cos((2 * Math.PI * (firstDay + week * 7 + weekday)) / 364)
        return Array.from({ length: 24 }, () => at + Math.sqrt(share) * day + Math.sqrt(1 - share) * draw())
      })
    }).flat(2)
  }
  const rows = (values: readonly number[]): Rows => ({
    columns: [values],
    entity: null,
    time: values.map((_, hour) => hour * HOUR),
  })
  const reference = rows(series(REFERENCE, 60))
  return [reference, rows(series(1, 60 + 7 * NEIGHBOURS).map((value) => value + shift))]
}

const reports = Number(process.argv[2] ?? 200)
for (const scenario of scenarios) {
  const found = { alone: 0, withNeighbours: 0, around: 0 }
  for (let report = 0; report < reports; report += 1) {
    const [reference, current] = drawn(5000 + report, scenario)
    const middle: Rows = {
      columns: reference.columns.map((values) => values.slice(NEIGHBOURS * WEEK_HOURS, (NEIGHBOURS + 1) * WEEK_HOURS)),
      entity: null,
      time: (reference.time ?? []).slice(NEIGHBOURS * WEEK_HOURS, (NEIGHBOURS + 1) * WEEK_HOURS),
    }
    if (alerts(reportOf(middle, current, { dependent: false }))) found.alone += 1
    if (alerts(reportOf(reference, current, { windows: REFERENCE, comparedWindow: NEIGHBOURS })))
      found.withNeighbours += 1
    if (alerts(reportOf(reference, current, { windows: REFERENCE }))) found.around += 1
  }
  const percent = (count: number): string => `${((100 * count) / reports).toFixed(1)} %`
  console.log(`| ${[scenario.name, ...Object.values(found).map(percent)].join(' | ')} |`)
}
