import { alerts, reportOf } from '../../packages/drift/test/law/report.ts'
import { scenarios, wideScenarios } from '../../packages/drift/test/law/scenarios.ts'
import { binomialInterval } from '../../packages/drift/test/law/binomial-interval.ts'

// The share of reports with any alert when nothing changed, of so many reports per scenario; nominal is α = 1 %.
// With more than one column the scenarios are smaller. 200 reports on one column are also judged as if rows were independent.
// Usage: node bench/drift/law.ts [reports] [columns] [scenario] [alpha] [seed]
const [reports = 1000, columns = 1, only = -1, alpha = 0.01, seed = 1] = process.argv.slice(2).map(Number)
const also = columns === 1 ? Math.min(200, reports) : 0
for (const [index, { name, draw, sameWeekday = false }] of (columns === 1 ? scenarios : wideScenarios).entries()) {
  if (only >= 0 && index !== only) continue
  const before = process.cpuUsage()
  let [corrected, naive] = [0, 0]
  for (let run = 0; run < reports; run += 1) {
    const { reference, current } = draw(seed + run * 31 + index * 1_000_003, columns)
    const options = { policy: { alpha }, sameWeekday }
    if (alerts(reportOf(reference, current, options))) corrected += 1
    if (run < also && alerts(reportOf(reference, current, { ...options, dependent: false }))) naive += 1
  }
  const percent = (share: number): string => (100 * share).toFixed(1)
  const [low, high] = binomialInterval(corrected, reports)
  const independent = also > 0 ? percent(naive / also) : '–'
  const seconds = (process.cpuUsage(before).user / 1e6).toFixed(0)
  const share = `${percent(corrected / reports)} (${percent(low)}–${percent(high)})`
  console.log(`${name} | ${columns} | ${reports} | ${share} | ${independent} | ${seconds} s`)
}
