import process from 'node:process'
import { binomialInterval } from '../../packages/drift/test/law/binomial-interval.ts'
import { alerts } from '../../packages/drift/test/law/report.ts'
import { weighedReport } from '../../packages/drift/test/law/weighed.ts'
import { weighedScenarios } from '../../packages/drift/test/law/weighed-scenarios.ts'

// How often reports on weighted rows alert at 5 % when nothing changed, also if each row counted as one, and how often at 1 % when
// values moved by 0.5. Usage: node bench/drift/weights.ts [reports]
const [reports = 200] = process.argv.slice(2).map(Number)
const seeds = Array.from({ length: reports }, (_, index) => index + 1)

for (const { name, draw } of weighedScenarios) {
  const share = (found: number): string => {
    const [low, high] = binomialInterval(found, reports)
    return `${((found / reports) * 100).toFixed(1)} (${(low * 100).toFixed(1)}-${(high * 100).toFixed(1)})`
  }
  const unchanged = seeds.map((seed) => draw(seed, 0))
  const count = (dependent: boolean): number =>
    unchanged.filter(({ reference, current }) => alerts(weighedReport(reference, current, { alpha: 0.05 }, dependent)))
      .length
  const moved = seeds.filter((seed) => {
    const { reference, current } = draw(500_000 + seed, 0.5)
    return alerts(weighedReport(reference, current, { alpha: 0.01 }))
  })
  process.stdout.write(
    `${name}: ${share(count(true))}; as one each ${share(count(false))}; moved ${share(moved.length)}\n`,
  )
}
