import { reportOf } from '../../packages/drift/test/law/report.ts'
import { wideScenarios } from '../../packages/drift/test/law/scenarios.ts'

// How often a p of the bins' test is small when nothing changed, as a multiple of how often it should be: of a hundred columns,
// the smallest p decides, so the tail has to be right far out.
// Usage: node bench/drift/tails.ts [reports] [scenario] [seed]
const [reports = 400, index = 7, seed = 1] = process.argv.slice(2).map(Number)
const scenario = wideScenarios[index]
if (scenario === undefined) throw new Error(`There are scenarios 0 to ${wideScenarios.length - 1}.`)
const found = Array.from({ length: reports }, (_, run) => {
  const { reference, current } = scenario.draw(seed + run * 31 + index * 1_000_003, 100)
  const [window] = reportOf(reference, current, { sameWeekday: scenario.sameWeekday ?? false }).windows
  return (window?.columns ?? []).flatMap(({ metrics }) =>
    metrics.flatMap(({ metric, p }) => (metric === 'psi' && p !== null ? [p] : [])),
  )
}).flat()
console.log(`${scenario.name}: ${found.length} columns`)
for (const below of [0.1, 0.05, 0.01, 0.005, 0.001, 0.0002, 0.00005]) {
  const share = found.filter((p) => p < below).length / found.length
  console.log(`p < ${below}: ${(share / below).toFixed(2)} times the nominal share`)
}
