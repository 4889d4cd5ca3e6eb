import { binomialInterval } from '../../packages/drift/test/law/binomial-interval.ts'
import { fastNormal } from '../../packages/drift/test/law/fast-random.ts'
import { alerts, reportOf, type Rows } from '../../packages/drift/test/law/report.ts'

// Hourly rows of one series: a week against the eight before it, whose levels differ by so many σ. The share of reports that alert,
// and of columns with a small p; with learnt floors alone (rows as independent), and with p that knows how much the weeks differ.
// Usage: node bench/drift/weeks.ts [reports] [columns] [σ of levels] [shift of the first column, in σ of all rows]
const [reports = 100, columns = 1, between = 0.3, shift = 0] = process.argv.slice(2).map(Number)
const WEEK = 168
const percent = (hits: number, of: number): string =>
  `${((100 * hits) / of).toFixed(1)} (${binomialInterval(hits, of)
    .map((share) => (100 * share).toFixed(1))
    .join('–')})`

function draw(seed: number): { readonly reference: Rows; readonly current: Rows } {
  const z = fastNormal(seed)
  const drawn = Array.from({ length: columns }, (_, column) => {
    const levels = Array.from({ length: 9 }, () => between * z())
    return levels.map((level, week) => {
      const moved = column === 0 && week === 8 ? shift * Math.hypot(1, between) : 0
      return Array.from({ length: WEEK }, () => level + z() + moved)
    })
  })
  const rows = (first: number, last: number): Rows => ({
    columns: drawn.map((series) => series.slice(first, last).flat()),
    entity: null,
    time: Array.from({ length: (last - first) * WEEK }, (_, hour) => (first * WEEK + hour) * 3600),
  })
  return { reference: rows(0, 8), current: rows(8, 9) }
}

for (const dependent of [false, true]) {
  let found = 0
  const ps: number[] = []
  for (let run = 0; run < reports; run += 1) {
    const { reference, current } = draw(run * 31 + 5)
    const report = reportOf(reference, current, { windows: 8, dependent })
    if (alerts(report)) found += 1
    for (const { p } of report.windows[0]?.columns ?? []) ps.push(p ?? 1)
  }
  const below = (chance: number): string => percent(ps.filter((p) => p < chance).length, ps.length)
  console.log(
    `${dependent ? 'p from the weeks' : 'floors alone'} | ${columns} | ${percent(found, reports)} | ` +
      `p below 2.5 %: ${below(0.025)} | p below 0.5 %: ${below(0.005)}`,
  )
}
