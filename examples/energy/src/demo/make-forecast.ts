import process from 'node:process'
import { gridInstants, gridOf } from '@martlet/feature-store'
import { dailySpine, type Extent } from '../forecast/spine.ts'
import { MODEL, trainForecast, type ForecastTrial } from '../forecast/train.ts'
import { forecastWeek, type DayAhead } from '../forecast/week-ahead.ts'
import type { DemoRun } from './demo-run.ts'
import { count, instant, kwh, percent } from './format.ts'

export interface Forecast {
  readonly trial: ForecastTrial
  /** The model has learnt from rows before this instant, µs. */
  readonly cut: bigint
}

/** Trains the forecast, registers it, and judges it on days that it has not seen. */
export async function makeForecast(run: DemoRun, extent: Extent, end: bigint): Promise<Forecast> {
  const { say, project, definitions, source } = run
  const { warehouse, registry } = project
  say.step('Build the training set, fit the forecast, register it')
  const grid = gridOf(definitions.recent.plan)
  const days = gridInstants(grid, extent.first, end)
  const cut = days.at(-source.unseenDays) ?? extent.last
  const spine = dailySpine(warehouse, grid, extent, Math.min(21, Math.floor(days.length / 5)))
  const asOf = new Date(Number(end / 1000n))
  const trial = await trainForecast({ warehouse, registry, definitions, spine, asOf, cut })
  showTraining(run, trial, cut)
  showAccuracy(run, trial)
  const { penalty } = trial.penalty
  showWeek(run, await forecastWeek({ warehouse, definitions, spine, asOf, cut, penalty }))
  return { trial, cut }
}

function showTraining({ say }: DemoRun, { set, trainRows, version, penalty }: ForecastTrial, cut: bigint): void {
  say.line(
    `training set ${set.table}: ${count(set.rows)} rows × ${set.features.length} features, ` +
      'every row at the feature time that was served then',
  )
  say.line(
    `ridge regression fitted on ${count(trainRows)} rows before ${instant(cut)}, ` +
      `registered as ${MODEL} version ${version.version} (${version.artifact.sha256.slice(0, 12)}…)`,
  )
  say.line(
    `penalty ${penalty.penalty}, chosen on those rows by forecasting their last three fifths from the days before`,
  )
}

function showAccuracy({ say, source }: DemoRun, { unseen, version }: ForecastTrial): void {
  const { model, yesterday, lastWeek } = unseen
  say.line(`judged on the ${source.unseenDays} days after that, which it has not seen:`)
  const judged = [
    ['same as yesterday', yesterday],
    ['same weekday last week', lastWeek],
    [`${MODEL} version ${version.version}`, model],
  ] as const
  say.table(
    ["next day's kWh", 'WAPE', 'mean error', 'bias', 'rows'],
    judged.map(([name, { wape, mae, bias, rows }]) => [
      name,
      percent(wape),
      `${kwh(mae)} kWh`,
      percent(bias),
      count(rows),
    ]),
  )
  if (model.wape < yesterday.wape && model.wape < lastWeek.wape) {
    say.line('the model beats both')
    return
  }
  say.line('the model does not beat both; the demo continues with it and ends with exit code 1')
  process.exitCode = 1
}

function showWeek({ say }: DemoRun, days: readonly DayAhead[]): void {
  say.line('and the days after it, each by a ridge regression of its own:')
  say.table(
    ['days ahead', 'same weekday last week', 'the forecast', 'rows'],
    days.map(({ day, lastWeek, model }) => [
      String(day),
      percent(lastWeek.wape),
      percent(model.wape),
      count(model.rows),
    ]),
  )
}
