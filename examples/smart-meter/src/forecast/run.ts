// Judges the forecast on unseen weeks, then fits, registers and promotes it: npm run forecast -w examples/smart-meter
import { join } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { loadProject } from 'martlet'
import { forecastDefinitions } from '../../definitions/forecast.ts'
import { resultLines } from './print.ts'
import { fitLatest, registerModels } from './register.ts'
import { evaluateRolling, MODEL } from './rolling-origin.ts'
import { forecastRows } from './training-rows.ts'

const { values } = parseArgs({
  options: { from: { type: 'string', default: '2025-11-03' }, to: { type: 'string', default: '2026-04-11' } },
})
const zone = 'Europe/London'
const definitions = forecastDefinitions(zone)
await using project = await loadProject(join(import.meta.dirname, '../../martlet.config.ts'))
const rows = await forecastRows({ warehouse: await project.warehouse(), definitions, zone, ...values })
console.log(
  `training set ${rows.set.table}: ${rows.set.rows.toLocaleString('en')} rows × ${rows.set.features.length} features`,
)
const result = evaluateRolling(rows)
for (const line of resultLines(result)) console.log(line)
const [model, ...baselines] = result.overall
const beaten = baselines.every(
  ({ wape, pinball }) => (model?.wape ?? 1) < wape && (model?.pinball ?? Infinity) < pinball,
)
const covers = Math.abs((model?.coverage ?? 0) - 0.8) <= 0.05
console.log(
  `\n${MODEL} ${beaten ? 'beats both baselines' : 'does not beat both baselines'}; its intervals hold ` +
    `${(100 * (model?.coverage ?? 0)).toFixed(1)} %, ${covers ? 'within 80 ± 5 %' : 'not within 80 ± 5 %'}`,
)
for (const { model: name, version } of await registerModels(
  await project.registry(),
  definitions,
  rows,
  fitLatest(rows),
))
  console.log(`${name} version ${version} is registered and live`)
if (!beaten || !covers) process.exitCode = 1
