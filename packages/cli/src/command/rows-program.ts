import type { Command } from 'commander'
import type { ExitCode } from '../terminal/outcome.ts'
import { run, several, withExamples } from './define-command.ts'
import type { PreviewCommandOptions } from './preview.ts'
import type { ScoreCommandOptions } from './score.ts'
import type { TrainingSetCommandOptions } from './training-set.ts'

/** The commands that compute rows for keys and times: `martlet training-set`, `score` and `preview`. */
export function rowsProgram(root: Command, ended: (exitCode: ExitCode) => void): void {
  const add = (name: string, description: string, examples: readonly string[]): Command =>
    withExamples(root.command(name).description(description), examples)

  spineOptions(
    add('training-set <name>', 'build a point-in-time training set, and its reference profile', [
      'training-set next_day',
      'training-set next_day_service --spine mart.spine --time predict_at --label next_day_kwh --into training.next_day',
      'training-set next_day_service --every 1d --of customer_usage --start 2026-01-01 --end 2026-06-01 --after 6h',
      'training-set next_day --as-of 2026-06-01 --from materialized',
    ]),
  )
    .option('--label <name>', 'a label; may be given several times', several)
    .option('--split <instant>', 'a border between train and test, or two with validation between them', several)
    .option('--embargo <length>', 'with --split: leave out rows up to so long after a border')
    .option('--into <table>', 'the table to write (default: training.<name>)')
    .option('--parquet <file>', 'also write the rows to a Parquet file, described by <file>.json')
    .option('--csv <file>', 'also write the rows to a CSV file, described by <file>.json')
    .option('--as-of <instant>', 'the end of the data for labels (default: the newest event)')
    .option(
      '--from <source>',
      'facts computes the features, tiles does so from stored tiles, materialized joins the feature tables (default: facts)',
    )
    .option(
      '--profile <name>',
      'the name of the reference profile (default: the name of the set, or of the table given with --into)',
    )
    .option('--no-profile', 'store no reference profile')
    .option('--wait <length>', 'wait for a warehouse that another process has open, such as 10m (default: do not wait)')
    .action(async (name: string, options: TrainingSetCommandOptions) =>
      ended(
        await run('training-set', options, async (context) =>
          (await import('./training-set.ts')).trainingSet(context, name, options),
        ),
      ),
    )

  spineOptions(
    add('score <model>', 'predict every row of a spine with one version of a model, into a table or a file', [
      'score next_day_kwh --every 1d --of customer_usage --start 2026-06-01 --end 2026-06-02 --into scores.next_day',
      'score next_day_kwh@challenger --spine mart.spine --time predict_at --into scores.parquet',
      'score next_day_kwh:3 --spine spine.sql --time predict_at --into scores.backtest --from materialized --json',
    ]),
  )
    .requiredOption('--into <table or file.parquet>', 'where the predictions go; replaces what is there')
    .option(
      '--from <source>',
      'facts computes the features, tiles does so from stored tiles, materialized joins the feature tables (default: facts)',
    )
    .option('--chunk-rows <rows>', 'so many rows are computed and kept at once (default: 100000)')
    .option('--restart', 'begin anew where a run into the same place was not finished (default: continue it)')
    .option('--wait <length>', 'wait for a warehouse that another process has open, such as 10m (default: do not wait)')
    .action(async (name: string, options: ScoreCommandOptions) =>
      ended(await run('score', options, async (context) => (await import('./score.ts')).score(context, name, options))),
    )

  add('preview <view>', 'show rows as they would have been served, and the events behind features', [
    'preview customer_usage --keys c1,c2',
    'preview customer_usage --keys c1 --at 2026-03-01T06:00:00Z --feature kwh_7d',
    'preview readings --keys \'[{"site": 7, "meter": "a"}]\' --feature kwh_1d --feature peak_7d --json',
  ])
    .requiredOption('--keys <keys>', 'whose rows: values with commas between, or JSON')
    .option('--at <instant>', 'the moment at which the rows would have been served (default: now)')
    .option('--feature <name>', 'a feature whose events are shown; may be given several times', several)
    .option('--newest <number>', 'at most so many events of each aggregate (default: 20)')
    .option('--wait <length>', 'wait for a warehouse that another process has open, such as 10m (default: do not wait)')
    .action(async (view: string, options: PreviewCommandOptions) =>
      ended(
        await run('preview', options, async (context) =>
          (await import('./preview.ts')).preview(context, view, options),
        ),
      ),
    )
}

/** The options that say which rows there are. */
function spineOptions(command: Command): Command {
  return command
    .option('--spine <table or file.sql>', 'rows of keys and times')
    .option('--every <length>', 'instead of --spine: rows on a grid of times, such as 1d')
    .option('--of <view>', 'with --every: the view whose entities have rows')
    .option('--start <instant>', 'with --every: the first time there may be')
    .option('--end <instant>', 'with --every: times before this')
    .option('--after <length>', "with --every: how long after each time of the grid, such as the view's delay")
    .option('--time <column>', 'the time column of the spine')
    .option('--zone <zone>', "the time zone of the spine's times, such as Europe/Zurich (default: UTC)")
}
