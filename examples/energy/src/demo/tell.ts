import { sql } from '@martlet/warehouse'
import { writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import process from 'node:process'
import {
  applyDefinitions,
  definitionsPlanText,
  findingText,
  gridInstants,
  materialize,
  planDefinitions,
  progressReporter,
} from '@martlet/feature-store'
import { energyDefinitions } from '../definitions/next-day.ts'
import { dailySpine, extentOf } from '../forecast/spine.ts'
import { MODEL, trainForecast } from '../forecast/train.ts'
import { customerRanking } from '../kpi/customer-ranking.ts'
import { monthlyTrend } from '../kpi/monthly-trend.ts'
import { total } from '../kpi/total.ts'
import { callApi } from './call-api.ts'
import { freshProject } from './project.ts'
import { reportDrift } from './report-drift.ts'
import { count, kwh, Narrator, percent } from './say.ts'
import type { DemoSource } from './source.ts'
import { placeText, type DemoPlace } from './warehouse.ts'

/** Goes the whole way from an empty folder to drift reports and tells every step. The exit code becomes 1 when the model does not beat the simple forecasts. Errors: `FOLDER_NOT_A_DEMO`. */
export async function tell(source: DemoSource, folder: string, place: DemoPlace): Promise<void> {
  const shown = (path: string): string => relative(process.cwd(), path)
  const say = new Narrator()

  await using project = await freshProject(folder, place)
  const { warehouse, catalog, online, registry, paths } = project

  say.step(`Create the warehouse and load the mart (${source.name})`)
  for (const line of await source.load(warehouse)) say.line(line)
  const extent = await extentOf(warehouse)
  const end = extent.last + BigInt(source.interval)
  const sums = await total(warehouse)
  say.line(
    `${count(sums.readings)} readings of ${count(sums.customers)} customers: ${kwh(sums.consumptionKwh)} kWh, ${kwh(sums.cost)} in cost`,
  )
  say.line(`look: ${placeText(place, shown(paths.warehouse))}, schema mart`)

  say.step('Key figures')
  const trend = await monthlyTrend(warehouse)
  say.table(
    ['month', 'kWh', 'against the month before'],
    trend
      .slice(-6)
      .map(({ year, month, consumptionKwh, change }) => [
        `${year}-${String(month).padStart(2, '0')}`,
        kwh(consumptionKwh),
        change === null ? '–' : percent(change),
      ]),
  )
  const ranking = await customerRanking(warehouse, { n: 3 })
  say.table(
    ['largest customers', 'kWh', 'share'],
    ranking.map(({ customerId, consumptionKwh, share }) => [
      customerId,
      kwh(consumptionKwh),
      share === null ? '–' : percent(share),
    ]),
  )

  say.step('Plan and apply the definitions')
  const definitions = energyDefinitions(source.zone)
  const plan = await planDefinitions(catalog, [...definitions.views, ...definitions.services, ...definitions.labels])
  for (const line of definitionsPlanText(plan).split('\n')) say.line(line)
  await applyDefinitions(catalog, plan, { actor: 'demo' })
  say.line(`look: ${shown(paths.catalog)} (SQLite)`)

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
    views.map((view) => [
      view.view,
      count(view.rows),
      count(view.published ?? 0),
      count(Math.round(view.rows / Math.max(view.seconds, 0.001))),
    ]),
  )
  const findings = new Map(
    views
      .flatMap((view) => view.findings)
      .filter((finding) => finding.count > 0)
      .map((finding) => [findingText(finding), finding]),
  )
  say.line(
    findings.size === 0
      ? 'quality: nothing found'
      : `quality: ${count(findings.size)} ${findings.size === 1 ? 'finding' : 'findings'}`,
  )
  for (const text of findings.keys()) say.line(`  ${text}`)
  say.line(`look: schemas features and ml in the warehouse; ${shown(paths.online)} (LMDB)`)

  say.step('Build the training set, fit the forecast, register it')
  const grid = definitions.recent.plan.grid
  const days = gridInstants(grid, extent.first, end)
  const cut = days.at(-source.unseenDays) ?? extent.last
  const spine = dailySpine(warehouse, grid, extent, Math.min(21, Math.floor(days.length / 5)))
  const trial = await trainForecast({
    warehouse,
    registry,
    definitions,
    spine,
    asOf: new Date(Number(end / 1000n)),
    cut,
  })
  say.line(
    `training set ${trial.set.table}: ${count(trial.set.rows)} rows × ${trial.set.features.length} features, every row at the feature time that was served then`,
  )
  say.line(
    `ridge regression fitted on ${count(trial.trainRows)} rows before ${new Date(Number(cut / 1000n)).toISOString()}, registered as ${MODEL} version ${trial.version.version} (${trial.version.artifact.sha256.slice(0, 12)}…)`,
  )
  say.line(
    `penalty ${trial.penalty.penalty}, chosen on those rows by forecasting their last three fifths from the days before`,
  )
  say.line(`judged on the ${source.unseenDays} days after that, which it has not seen:`)
  say.table(
    ["next day's kWh", 'WAPE', 'mean error', 'bias', 'rows'],
    (
      [
        ['same as yesterday', 'yesterday'],
        ['same weekday last week', 'lastWeek'],
        [`${MODEL} version ${trial.version.version}`, 'model'],
      ] as const
    ).map(([name, key]) => {
      const judged = trial.unseen[key]
      return [name, percent(judged.wape), `${kwh(judged.mae)} kWh`, percent(judged.bias), count(judged.rows)]
    }),
  )
  const { model: own, yesterday, lastWeek } = trial.unseen
  const beats = own.wape < yesterday.wape && own.wape < lastWeek.wape
  say.line(
    beats
      ? 'the model beats both'
      : 'the model does not beat both; the demo goes on with it all the same and ends with exit code 1',
  )
  if (!beats) process.exitCode = 1

  say.step('Promote it')
  const move = await registry.setAlias(MODEL, 'champion', trial.version.version, {
    expect: null,
    reason: `WAPE ${percent(own.wape)} on unseen days`,
    actor: 'demo',
  })
  say.line(`champion of ${MODEL}: version ${move.to ?? '–'}, logged with reason and actor`)

  say.step('Serve, and call the API over HTTP')
  const customers = await warehouse.read(
    sql`
      SELECT DISTINCT customer_id
      FROM features.customer_usage
      WHERE kwh_7d > 0 AND feature_time = (SELECT MAX(feature_time) FROM features.customer_usage)
      ORDER BY 1
    `,
  )
  const ids = customers.columns[0]?.type === 'text' ? customers.columns[0].values : []
  for (const line of await callApi({ catalog, online, registry, log: paths.log, now: end, customers: ids }))
    say.line(line)
  say.line(`look: ${shown(paths.log)} (one JSON line a prediction)`)

  say.step('Watch for drift')
  const reports = await reportDrift({
    warehouse,
    definitions,
    trial,
    cut,
    end,
    log: paths.log,
    now: new Date(Number(end / 1000n)),
  })
  for (const { name, result, files } of reports) {
    for (const [extension, text] of Object.entries(files))
      await writeFile(join(paths.reports, `${name}.${extension}`), text, { mode: 0o600 })
    say.line(`${name}: ${result.sentence}`)
    say.line(`look: ${shown(join(paths.reports, `${name}.html`))}`)
  }

  const seconds = say.end()
  process.stdout.write(
    `\nDone in ${seconds.toFixed(1)} s. Everything lies in ${shown(folder)}; run it again and it starts anew.\n`,
  )
}
