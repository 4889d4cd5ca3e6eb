import process from 'node:process'
import { visibleText } from '@martlet/warehouse/visible-text'
import { Command } from 'commander'
import type { CheckCommandOptions } from './check.ts'
import type { ExitCode } from '../terminal/outcome.ts'
import { addCommon, neverScheduled, run, several, withExamples } from './define-command.ts'
import type { CalibrateOptions } from './calibrate.ts'
import type { DeployOptions } from './deploy.ts'
import { diffProgram } from './diff-program.ts'
import type { DriftOptions } from './drift.ts'
import type { EraseCommandOptions } from './erase.ts'
import type { MaterializeCommandOptions } from './materialize.ts'
import { ingestProgram } from './ingest-program.ts'
import { jobsProgram } from './jobs-program.ts'
import { exportProgram } from './export-program.ts'
import { logProgram } from './log-program.ts'
import { modelsProgram } from './models-program.ts'
import type { ApplyCommandOptions } from './plan-apply.ts'
import { monitorsProgram } from './monitors-program.ts'
import { parityProgram } from './parity-program.ts'
import { rolloutsProgram } from './rollouts-program.ts'
import { rowsProgram } from './rows-program.ts'
import type { GlobalOptions } from './run-command.ts'
import { pipelineProgram } from './pipeline-program.ts'
import { scheduleProgram } from './schedule-program.ts'
import type { ServeOptions } from './serve.ts'
import type { RunsOptions, StatusOptions } from './status.ts'
import { stepsProgram } from './steps-program.ts'

/** A message about an option that is unknown, without the value that was given to it: it may be a password. */
export function withoutValues(message: string): string {
  return message.replaceAll(/(unknown option '-[^=']*)=[^]*?'(?=\n|$)/g, "$1'")
}

/** All commands; `ended` is called with the exit code. */
export function program(quiet: boolean, ended: (exitCode: ExitCode) => void): Command {
  const root = new Command('martlet')
    .description(
      'A feature store and model serving: definitions in TypeScript, rows in DuckDB or Snowflake, the newest of them online.',
    )
    .version('0.1.0', '-V, --version')
    .helpCommand('help [command]', 'help for a command')
    .showHelpAfterError('(martlet --help lists the commands, martlet <command> --help its options)')
    .exitOverride()
    .configureHelp({ showGlobalOptions: false })
    .addHelpText(
      'after',
      `
Examples:
  $ martlet init shop                  make a small project
  $ martlet apply --yes                apply its definitions
  $ martlet materialize                compute features, publish the newest
  $ martlet serve                      serve over HTTP

Exit codes: 0 ok, 1 failed or drift, 2 warnings, 3 could not evaluate, 64 wrong usage, 130 interrupted.`,
    )
  root.configureOutput({ writeErr: (text) => void (quiet || process.stderr.write(visibleText(withoutValues(text)))) })

  neverScheduled(
    add(root, 'init [folder]', 'write a small project that runs: configuration, definitions, data, README', [
      'init',
      'init shop',
      'init --json shop',
    ]),
  ).action(async (folder: string | undefined, options: GlobalOptions) =>
    ended(await run('init', options, async (context) => (await import('./init.ts')).init(context, folder ?? '.'))),
  )

  add(root, 'plan', 'show what apply would change; changes nothing', ['plan', 'plan --json']).action(
    async (options: GlobalOptions) =>
      ended(await run('plan', options, async (context) => (await import('./plan-apply.ts')).plan(context))),
  )

  diffProgram(root, ended)

  add(root, 'apply', 'apply the definitions to the catalog', ['apply', 'apply --yes', 'apply --yes --allow-drop'])
    .option('-y, --yes', 'do not ask')
    .option('--allow-drop', 'allow removing views or features that have rows; drops those rows')
    .option('--allow-rebuild', 'allow changes after which all rows of a view must be computed again')
    .option('--allow-breaking', 'allow changes after which a live model answers 503')
    .option('--wait <length>', 'wait for a warehouse that another process has open, such as 10m (default: do not wait)')
    .action(async (options: ApplyCommandOptions) =>
      ended(await run('apply', options, async (context) => (await import('./plan-apply.ts')).apply(context, options))),
    )

  add(
    root,
    'deploy',
    'bring the warehouse to what SQL files define: schemas, tables, views, and on Snowflake roles, policies and tasks',
    [
      'deploy --dry-run',
      'deploy --engine snowflake --set credit_quota=50',
      'deploy --yes --folder sql/snowflake --json',
    ],
  )
    .option('--engine <engine>', 'duckdb or snowflake (default: the engine of the configuration)')
    .option('--dry-run', 'only show what would be done')
    .option('-y, --yes', 'do not ask')
    .option('--set <name=value>', 'a variable of the files; may be given several times', several)
    .option(
      '--secret <name=VARIABLE>',
      'the environment variable that holds a secret of the files; may be given several times',
      several,
    )
    .option(
      '--folder <folder>',
      'the SQL files (default: sql/<engine> next to the configuration, else what Martlet itself needs)',
    )
    .option(
      '--with <folder>',
      "a folder of an example's marts among the files of Martlet, such as energy or logistics; may be given several times",
      several,
    )
    .option('--without <folder>', 'a folder among the files to leave out; may be given several times', several)
    .option('--wait <length>', 'wait for a warehouse that another process has open, such as 10m (default: do not wait)')
    .action(async (options: DeployOptions) =>
      ended(await run('deploy', options, async (context) => (await import('./deploy.ts')).deploy(context, options))),
    )

  stepsProgram(root, ended)

  ingestProgram(root, ended)

  add(root, 'materialize [view...]', 'compute missing rows and publish the newest', [
    'materialize',
    'materialize customer_usage --dry-run',
    'materialize --from 2026-01-01 --to 2026-02-01',
    'materialize --no-publish --json',
  ])
    .option('--from <instant>', "the first feature time (default: where the last run ended, minus the view's repair)")
    .option('--to <instant>', 'feature times before this (default: all that are closed)')
    .option('--allow-future', 'allow a --to in the future, and keep rows that were written before their time')
    .option('--no-publish', 'do not write to the online store')
    .option('--dry-run', 'only show what would be done')
    .option('--wait <length>', 'wait for a warehouse that another process has open, such as 10m (default: do not wait)')
    .action(async (views: readonly string[], options: MaterializeCommandOptions) =>
      ended(
        await run('materialize', options, async (context) =>
          (await import('./materialize.ts')).materializeCommand(context, views, options),
        ),
      ),
    )

  rowsProgram(root, ended)

  neverScheduled(
    add(root, 'erase', 'remove what is stored about some entities, except in the tables that facts come from', [
      'erase --entity customer --keys c1,c2 --dry-run',
      'erase --entity customer --keys-from requests.csv --reason "request 17" --yes',
      'erase --entity meter --keys \'[{"site": 7, "meter": "a"}]\'',
    ]),
  )
    .requiredOption('--entity <name>', 'the entity whose keys they are')
    .option(
      '--keys <keys>',
      'c1,c2, or JSON for keys of several columns; other users can see it in the list of processes',
    )
    .option('--keys-from <file>', 'instead of --keys: a CSV, Parquet or JSON file with the key columns')
    .option(
      '--files <file or pattern>',
      'a Parquet file made from a training set, which is rewritten too; may be given several times',
      several,
    )
    .option('--reason <text>', 'why, for the audit log; must not name a key')
    .option('--dry-run', 'only count')
    .option('-y, --yes', 'do not ask')
    .action(async (options: EraseCommandOptions) =>
      ended(
        await run('erase', options, async (context) => (await import('./erase.ts')).eraseCommand(context, options)),
      ),
    )

  modelsProgram(root, ended)
  exportProgram(root, ended)
  rolloutsProgram(root, ended)

  neverScheduled(
    add(root, 'serve', 'serve features and predictions over HTTP; never opens the warehouse', [
      'serve',
      'serve --port 8080 --host 0.0.0.0',
      'serve --port 0 --json',
      'serve --workers auto',
    ]),
  )
    .option('--port <number>', 'the port; 0 is any free port (default: serving.port, else 8080)')
    .option('--host <address>', 'the address (default: serving.host, else 127.0.0.1)')
    .option(
      '--workers <number>',
      'answer in so many processes, or auto: one for each processor (default: this one only)',
    )
    .action(async (options: ServeOptions) =>
      ended(await run('serve', options, async (context) => (await import('./serve.ts')).serve(context, options))),
    )

  add(root, 'drift [monitor]', 'compare current rows with what a model was trained on', [
    'drift',
    'drift usage_drift --out reports',
    'drift usage_drift --fail-on warn --json',
    'drift usage_drift --window 2026-01-01..2026-02-01',
  ])
    .option('--out <folder>', 'where reports go (default: reports)')
    .option(
      '--format <name>',
      'html, json, markdown, junit or prometheus; may be given several times (default: the first three)',
      several,
    )
    .option('--fail-on <severity>', 'what ends with exit code 1: warn or drift (default: drift)')
    .option('--window <length or from..to>', 'the window to compare, such as 7d or 2026-01-01..2026-02-01')
    .option('--windows <number>', 'how many windows of that length')
    .option('--until <instant>', 'the end of the last window (default: now)')
    .option('--no-alerts', 'neither change the state of monitors nor tell anybody')
    .option('--wait <length>', 'wait for a warehouse that another process has open, such as 10m (default: do not wait)')
    .action(async (monitor: string | undefined, options: DriftOptions) =>
      ended(
        await run(
          'drift',
          options,
          async (context) => (await import('./drift.ts')).drift(context, monitor, options),
          3,
        ),
      ),
    )

  add(root, 'calibrate <monitor>', 'learn from labelled predictions how to estimate performance without labels', [
    'calibrate late_shipments',
    'calibrate late_shipments --truth late_truth --span 2026-01-01..2026-03-01',
  ])
    .option('--truth <monitor>', 'the monitor that knows the labels (default: the one of the same model)')
    .option('--span <span>', "when the predictions were made (default: that monitor's reference, else until now)")
    .action(async (monitor: string, options: CalibrateOptions) =>
      ended(
        await run('calibrate', options, async (context) =>
          (await import('./calibrate.ts')).calibrate(context, monitor, options),
        ),
      ),
    )
  parityProgram(root, ended)
  logProgram(root, ended)
  monitorsProgram(root, ended)
  pipelineProgram(root, ended)
  scheduleProgram(root, ended)
  jobsProgram(root, ended)
  add(root, 'check [name...]', 'run the checks of source rows, of all views and labels or of some; computes nothing', [
    'check',
    'check customer_usage',
    'check mart.fact_energy_usage --from 2026-06-01 --json',
  ])
    .option('--from <instant>', 'rows of facts from this time on (default: all)')
    .option('--to <instant>', 'rows of facts before this time (default: all)')
    .option('--no-store', 'do not keep the results in monitoring.quality_results')
    .option('--wait <length>', 'wait for a warehouse that another process has open, such as 10m (default: do not wait)')
    .action(async (names: readonly string[], options: CheckCommandOptions) =>
      ended(
        await run('check', options, async (context) => (await import('./check.ts')).check(context, names, options), 3),
      ),
    )

  add(root, 'status', 'the state of every view, and which models are live', [
    'status',
    'status --json',
    'status --lineage mart.usage.kwh',
  ])
    .option(
      '--lineage <column>',
      'show the features, services, labels and model versions that depend on schema.table.column',
    )
    .action(async (options: StatusOptions) =>
      ended(
        await run('status', options, async (context) =>
          options.lineage === undefined
            ? (await import('./status.ts')).status(context)
            : (await import('./lineage.ts')).columnLineage(context, options.lineage),
        ),
      ),
    )

  add(root, 'runs', 'the last materialization runs', ['runs', 'runs --view customer_usage --limit 5'])
    .option('--view <name>', 'only of this view')
    .option('--limit <number>', 'at most this many (default: 20)')
    .action(async (options: RunsOptions) =>
      ended(await run('runs', options, async (context) => (await import('./status.ts')).runs(context, options))),
    )

  add(root, 'doctor', 'check this machine, the configuration and the four places', ['doctor', 'doctor --json']).action(
    async (options: GlobalOptions) =>
      ended(await run('doctor', options, async (context) => (await import('./doctor.ts')).doctor(context))),
  )

  addCommon(root)
  return root
}

function add(parent: Command, name: string, description: string, examples: readonly string[]): Command {
  return withExamples(parent.command(name).description(description), examples)
}
