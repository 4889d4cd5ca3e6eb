import type { Command } from 'commander'
import type { ExitCode } from '../terminal/outcome.ts'
import { run, several, withExamples } from './define-command.ts'
import type { MoveOptions, RegisterOptions, TagOptions } from './models-change.ts'
import type { DownloadOptions, SweepModelsOptions } from './models-files.ts'
import type { ImportOptions } from './models-import.ts'
import type { HistoryOptions } from './models-show.ts'
import type { GlobalOptions } from './run-command.ts'

/** `martlet models …` */
export function modelsProgram(root: Command, ended: (exitCode: ExitCode) => void): void {
  const models = root
    .command('models')
    .description('register, show and promote model versions')
    .addHelpText(
      'after',
      '\nExamples:\n  $ martlet models list\n  $ martlet models promote churn 3 --reason "better on June"',
    )
  const add = (name: string, description: string, examples: readonly string[]): Command =>
    withExamples(
      models.command(name).description(description),
      examples.map((example) => `models ${example}`),
    )

  add('list', 'all models and what their aliases point to', ['list', 'list --json']).action(
    async (options: GlobalOptions) =>
      ended(
        await run('models list', options, async (context) => (await import('./models-show.ts')).listModels(context)),
      ),
  )

  add('show <model> [version]', 'the versions of a model, or one version in detail', [
    'show churn',
    'show churn 3',
    'show churn champion --json',
  ]).action(async (model: string, version: string | undefined, options: GlobalOptions) =>
    ended(
      await run('models show', options, async (context) =>
        (await import('./models-show.ts')).showModel(context, model, version),
      ),
    ),
  )

  add('history <model>', 'what an alias pointed to, and why', [
    'history churn',
    'history churn --alias challenger --at 2026-06-01',
  ])
    .option('--alias <name>', 'the alias (default: champion)')
    .option('--at <instant>', 'the version that was live at that time')
    .action(async (model: string, options: HistoryOptions) =>
      ended(
        await run('models history', options, async (context) =>
          (await import('./models-show.ts')).modelHistory(context, model, options),
        ),
      ),
    )

  add('register <model>', 'check a model file, try it out and store it as a version', [
    'register churn --onnx model.onnx --service churn_features --golden golden.json',
    'register churn --onnx model.onnx --service churn_features --golden golden.json --metrics metrics.json ' +
      '--training-set churn --tag team=growth',
    'register churn --onnx model.onnx --service churn_features --golden golden.json --inputs inputs.json',
  ])
    .requiredOption('--onnx <file>', 'the model file; weights in files beside it are put into it')
    .requiredOption('--service <name>', 'the feature service that it reads')
    .requiredOption(
      '--golden <file>',
      'JSON { inputs: rows, outputs: { output: answers }, tolerance? }: rows with the answers of its trainer; ' +
        'null is a missing value, in answers NaN',
    )
    .option(
      '--inputs <file>',
      'JSON { feature: input } where names differ, { feature: { input?, nullAs } } where an input cannot be null',
    )
    .option('--metrics <file>', 'JSON { name: number }; null is NaN')
    .option(
      '--training-set <name or file>',
      'a training set built by martlet training-set, or a .json file about what the model was trained on',
    )
    .option('--tag <key=value>', 'a tag; may be given several times', several)
    .option('--description <text>', 'notes about this version')
    .option('--source <text>', 'where the file came from (default: its path)')
    .option('--run-id <id>', 'the training run')
    .option('--actor <name>', 'who does this (default: MARTLET_ACTOR, else the user)')
    .action(async (model: string, options: RegisterOptions) =>
      ended(
        await run('models register', options, async (context) =>
          (await import('./models-change.ts')).registerModel(context, model, options),
        ),
      ),
    )

  add('import <place>', 'register an ONNX model that MLflow has: a folder, or a URI with --from', [
    'import ./churn_model --model churn --service churn_features',
    'import models:/churn@champion --from http://mlflow:5000 --service churn_features',
    'import runs:/0123456789abcdef/model --model churn --service churn_features --golden golden.json',
  ])
    .requiredOption('--service <name>', 'the feature service that it reads')
    .option('--model <name>', 'the model to register a version of (default: the name in models:/name)')
    .option(
      '--from <url>',
      'the MLflow server (default: MLFLOW_TRACKING_URI); also gives a folder the metrics of its run',
    )
    .option('--golden <file>', 'as of models register (default: golden.json in the folder of the model)')
    .option('--bind <file>', 'JSON { feature: column or input } where names differ, as --inputs of models register')
    .option('--metrics <file>', 'JSON { name: number }, beside the metrics of the run')
    .option('--tag <key=value>', 'a tag; may be given several times', several)
    .option('--description <text>', 'notes about this version (default: those of MLflow)')
    .option('--actor <name>', 'who does this (default: MARTLET_ACTOR, else the user)')
    .action(async (place: string, options: ImportOptions) =>
      ended(
        await run('models import', options, async (context) =>
          (await import('./models-import.ts')).importModel(context, place, options),
        ),
      ),
    )

  add('download <model>', 'write the ONNX file of a version', [
    'download churn --out churn.onnx',
    'download churn@challenger --out churn.onnx',
    'download churn:3 --out churn-3.onnx',
  ])
    .requiredOption('--out <file>', 'where to write it; replaced when it is there')
    .action(async (model: string, options: DownloadOptions) =>
      ended(
        await run('models download', options, async (context) =>
          (await import('./models-files.ts')).downloadModel(context, model, options),
        ),
      ),
    )

  add('sweep', 'remove model files that no version needs', ['sweep --dry-run', 'sweep --json'])
    .option('--dry-run', 'only say what would be removed')
    .action(async (options: SweepModelsOptions) =>
      ended(
        await run('models sweep', options, async (context) =>
          (await import('./models-files.ts')).sweepModels(context, options),
        ),
      ),
    )

  const move = (command: Command): Command =>
    command
      .requiredOption('--reason <text>', 'why; it is recorded')
      .option('--alias <name>', 'the alias (default: champion)')
      .option('--approver <name>', 'who approved it')
      .option('--actor <name>', 'who does this (default: MARTLET_ACTOR, else the user)')

  move(
    add('promote <model> <version>', 'point an alias at a version', [
      'promote churn 3 --reason "better on June"',
      'promote churn 4 --alias challenger --reason "to compare"',
      'promote churn 3 --expect 2 --reason "as agreed"',
    ]),
  )
    .option('--expect <version or none>', 'fail unless the alias points there now')
    .action(async (model: string, version: string, options: MoveOptions) =>
      ended(
        await run('models promote', options, async (context) =>
          (await import('./models-change.ts')).promote(context, model, version, options),
        ),
      ),
    )

  move(
    add('rollback <model>', 'point an alias back at the version before', ['rollback churn --reason "scores fell"']),
  ).action(async (model: string, options: MoveOptions) =>
    ended(
      await run('models rollback', options, async (context) =>
        (await import('./models-change.ts')).rollback(context, model, options),
      ),
    ),
  )

  add('tag <model> [key=value...]', 'set or remove tags of a model or of a version', [
    'tag churn team=growth',
    'tag churn --of 3 reviewed=yes',
    'tag churn --remove team',
  ])
    .option('--of <version>', 'the version to tag (default: the model)')
    .option('--remove <key>', 'a tag to remove; may be given several times', several)
    .action(async (model: string, pairs: readonly string[], options: TagOptions) =>
      ended(
        await run('models tag', options, async (context) =>
          (await import('./models-change.ts')).tag(context, model, pairs, options),
        ),
      ),
    )

  add('archive <model> <version>', 'take a version out of use', ['archive churn 1 --reason "superseded"'])
    .requiredOption('--reason <text>', 'why; it is recorded')
    .option('--actor <name>', 'who does this (default: MARTLET_ACTOR, else the user)')
    .action(async (model: string, version: string, options: MoveOptions) =>
      ended(
        await run('models archive', options, async (context) =>
          (await import('./models-change.ts')).archive(context, model, version, options),
        ),
      ),
    )
}
