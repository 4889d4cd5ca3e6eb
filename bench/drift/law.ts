import { alerts, reportOf } from '../../packages/drift/test/law/report.ts'
import { scenarios } from '../../packages/drift/test/law/scenarios.ts'

// The share of reports with any alert when nothing changed, of so many reports per scenario; nominal is α = 1 %.
// Usage: node bench/drift/law.ts [reports] [columns] [scenario]
const [reports = 400, columns = 1, only = -1, alpha = 0.01] = process.argv.slice(2).map(Number)
for (const [index, { name, draw }] of scenarios.entries()) {
  if (only >= 0 && index !== only) continue
  let [corrected, naive] = [0, 0]
  for (let run = 0; run < reports; run += 1) {
    const { reference, current } = draw(1 + run * 31 + index * 1_000_003, columns)
    if (alerts(reportOf(reference, current, { policy: { alpha } }))) corrected += 1
    if (alerts(reportOf(reference, current, { dependent: false, policy: { alpha } }))) naive += 1
  }
  const share = (count: number): string => `${((100 * count) / reports).toFixed(1)} %`
  console.log(`${name} | ${columns} | ${reports} | ${share(corrected)} | ${share(naive)}`)
}
