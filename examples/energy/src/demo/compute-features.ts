import process from 'node:process'
import {
  applyDefinitions,
  definitionsPlanText,
  findingText,
  materialize,
  planDefinitions,
  progressReporter,
} from '@martlet/feature-store'
import type { Extent } from '../forecast/spine.ts'
import type { DemoRun } from './demo-run.ts'
import { count } from './format.ts'

/** Applies the definitions, then computes and publishes the features up to `end`. */
export async function computeFeatures(run: DemoRun, extent: Extent, end: bigint): Promise<void> {
  await apply(run)
  const { say, project, definitions, shown } = run
  const { warehouse, catalog, online, paths } = project
  say.step('Materialize the views and publish the newest rows')
  const views = await materialize({
    warehouse,
    catalog,
    online,
    views: definitions.views,
    from: extent.first,
    now: end,
    onProgress: progressReporter({ stream: { write: (text) => process.stdout.write(`   ${text}`), isTTY: false } }),
    quality: { severity: { 'mart.fact_energy_usage.consumption_kwh.range': 'warn' } },
    actor: 'demo',
  })
  say.table(
    ['view', 'rows', 'published', 'rows/s'],
    views.map(({ view, rows, published, seconds }) => [
      view,
      count(rows),
      count(published ?? 0),
      count(Math.round(rows / Math.max(seconds, 0.001))),
    ]),
  )
  // Views of one source have the same findings.
  const findings = new Set(
    views
      .flatMap((view) => view.findings)
      .filter((finding) => finding.count > 0)
      .map(findingText),
  )
  const found = findings.size === 1 ? '1 finding' : `${count(findings.size)} findings`
  say.line(`quality: ${findings.size === 0 ? 'nothing found' : found}`)
  for (const text of findings) say.line(`  ${text}`)
  say.line(`look: schemas features and ml in the warehouse; ${shown(paths.online)} (LMDB)`)
}

async function apply({ say, project: { catalog, paths }, definitions, shown }: DemoRun): Promise<void> {
  const { views, services, labels } = definitions
  say.step('Plan and apply the definitions')
  const plan = await planDefinitions(catalog, [...views, ...services, ...labels])
  for (const line of definitionsPlanText(plan).split('\n')) say.line(line)
  await applyDefinitions(catalog, plan, { actor: 'demo' })
  say.line(`look: ${shown(paths.catalog)} (SQLite)`)
}
