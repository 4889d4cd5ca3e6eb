import type { Command } from 'commander'
import type { ExitCode } from '../terminal/outcome.ts'
import { run, withExamples } from './define-command.ts'
import type { RunPipelineCommandOptions } from './run-pipeline.ts'

/** `martlet run`; the options of a pipeline are those that the configuration declares. */
export function pipelineProgram(root: Command, ended: (exitCode: ExitCode) => void): void {
  withExamples(
    root.command('run <pipeline>').description('run the steps of a pipeline for the values that are given'),
    [
      'run etl --reference-date 2026-06-01',
      'run etl --reference-date 2026-06-01 --dry-run',
      'run etl --reference-date 2026-06-01 --json',
    ],
  )
    .usage('[options] <pipeline> [--<parameter> <value>]...')
    .allowUnknownOption()
    .allowExcessArguments()
    .option('--dry-run', 'only show the commands that would run')
    .option('--wait <length>', 'wait for another process that runs the pipeline, such as 10m (default: do not wait)')
    .action(async (pipeline: string, options: RunPipelineCommandOptions, command: Command) =>
      ended(
        await run('run', options, async (context) =>
          (await import('./run-pipeline.ts')).runPipelineCommand(context, pipeline, command.args.slice(1), options),
        ),
      ),
    )
}
