import { writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import process from 'node:process'
import { readMonitors, toHtml, toIndex, toJson, toMarkdown } from '@martlet/drift'
import { gridInstants, gridOf } from '@martlet/feature-store'
import { sql } from '@martlet/warehouse'
import { energyDefinitions } from '../definitions/next-day.ts'
import { extentOf, type Extent } from '../forecast/spine.ts'
import { MODEL } from '../forecast/train.ts'
import { total } from '../kpi/total.ts'
import { callApi } from './call-api.ts'
import { computeFeatures } from './compute-features.ts'
import { count, kwh, percent } from './format.ts'
import { makeForecast, type Forecast } from './make-forecast.ts'
import { Narrator } from './narrator.ts'
import { freshProject } from './project.ts'
import { replayDays } from './replay-days.ts'
import { reportDrift } from './report-drift.ts'
import { reportTruth, windowsOf } from './report-truth.ts'
import { showFigures } from './show-figures.ts'
import { showTruth } from './show-truth.ts'
import type { DemoSource } from './source.ts'
import type { DemoRun } from './demo-run.ts'
import { placeText, type DemoPlace } from './warehouse.ts'

/**
 * Runs every step from an empty folder to drift reports and prints what happens. The exit code becomes 1 when the model does not
 * beat the simple forecasts.
 *
 * @throws MartletError FOLDER_NOT_A_DEMO when the folder has files that no demo has written
 * @throws MartletError DATABASE_NOT_A_DEMO when the Snowflake database has schemas that no demo has made
 */
export async function walkThrough(source: DemoSource, folder: string, place: DemoPlace): Promise<void> {
  await using project = await freshProject(folder, place)
  const shown = (path: string): string => relative(process.cwd(), path)
  const definitions = energyDefinitions(source.zone)
  const run: DemoRun = { say: new Narrator(), project, definitions, source, shown }

  const extent = await loadMart(run, place)
  const end = extent.last + BigInt(source.interval)
  await showFigures(run)
  await computeFeatures(run, extent, end)
  const forecast = await makeForecast(run, extent, end)
  await promote(run, forecast)
  const days = daysBefore(run, extent, end)
  await serve(run, end, days)
  await watch(run, forecast, end, days)

  const seconds = run.say.end().toFixed(1)
  process.stdout.write(`\nDone in ${seconds} s. Everything is in ${shown(folder)}; the next run starts from scratch.\n`)
}

/** Days that are forecast again as they were, at most. */
const MOST_DAYS = 28

/** Days that the model has not seen, without the newest: only readings after a day show that it is complete. */
function daysBefore({ definitions, source }: DemoRun, extent: Extent, end: bigint): readonly bigint[] {
  const days = gridInstants(gridOf(definitions.recent.plan), extent.first, end).filter((day) => day < end)
  return days.slice(-Math.min(MOST_DAYS + 1, source.unseenDays - 1), -1)
}

async function loadMart({ say, project, source, shown }: DemoRun, place: DemoPlace): Promise<Extent> {
  const { warehouse, paths } = project
  say.step(`Create the warehouse and load the mart (${source.name})`)
  for (const line of await source.load(warehouse)) say.line(line)
  const { readings, customers, consumptionKwh, cost } = await total(warehouse)
  say.line(
    `${count(readings)} readings of ${count(customers)} customers: ${kwh(consumptionKwh)} kWh, ${kwh(cost)} in cost`,
  )
  say.line(`look: ${placeText(place, shown(paths.warehouse))}, schema mart`)
  return extentOf(warehouse)
}

async function promote({ say, project }: DemoRun, { trial }: Forecast): Promise<void> {
  say.step('Promote it')
  const move = await project.registry.setAlias(MODEL, 'champion', trial.version.version, {
    expect: null,
    reason: `WAPE ${percent(trial.unseen.model.wape)} on unseen days`,
    actor: 'demo',
  })
  say.line(`champion of ${MODEL}: version ${move.to ?? '–'}, logged with reason and actor`)
}

async function serve(run: DemoRun, now: bigint, days: readonly bigint[]): Promise<void> {
  const { say, project, shown } = run
  const { warehouse, catalog, online, registry, paths } = project
  say.step('Serve, and call the API over HTTP')
  const { columns } = await warehouse.read(
    sql`
      SELECT DISTINCT customer_id
      FROM features.customer_usage
      WHERE kwh_7days > 0 AND feature_time = (SELECT MAX(feature_time) FROM features.customer_usage)
      ORDER BY 1
    `,
  )
  const customers = columns[0]?.type === 'text' ? columns[0].values : []
  for (const line of await callApi({ catalog, online, registry, log: paths.log, now, customers })) say.line(line)
  const forecasts = await replayDays(run, days)
  say.line(
    `and as if on each of ${count(days.length)} earlier days, with the rows of that day: ${count(forecasts)} forecasts logged`,
  )
  say.line(`look: ${shown(paths.log)} (one JSON line per prediction)`)
}

async function watch(
  { say, project, definitions, shown }: DemoRun,
  { trial, cut }: Forecast,
  end: bigint,
  days: readonly bigint[],
): Promise<void> {
  const { warehouse, paths } = project
  say.step('Watch for drift')
  const now = new Date(Number(end / 1000n))
  const reports = await reportDrift({ warehouse, definitions, trial, cut, end, log: paths.log, now })
  for (const { name, result, files } of reports) {
    for (const [extension, text] of Object.entries(files))
      await writeFile(join(paths.reports, `${name}.${extension}`), text, { mode: 0o600 })
    say.line(`${name}: ${result.sentence}`)
    say.line(`look: ${shown(join(paths.reports, `${name}.html`))}`)
  }
  const truth = await reportTruth({ warehouse, definitions, log: paths.log, windows: windowsOf(days), now })
  for (const [extension, text] of Object.entries({ html: toHtml(truth), json: toJson(truth), md: toMarkdown(truth) }))
    await writeFile(join(paths.reports, `${truth.monitor}.${extension}`), text, { mode: 0o600 })
  showTruth(say, truth)
  say.line(`look: ${shown(join(paths.reports, `${truth.monitor}.html`))}`)
  const index = join(paths.reports, 'index.html')
  await writeFile(index, toIndex(await readMonitors(warehouse), { now }), { mode: 0o600 })
  say.line(`look: ${shown(index)} (all monitors on one page)`)
}
