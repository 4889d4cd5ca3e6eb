import type { Command } from 'commander'
import type { ExitCode } from '../terminal/outcome.ts'
import { run, withExamples } from './define-command.ts'
import type { ExportDefinitionsOptions } from './export-definitions.ts'
import type { ExportFeastOptions } from './export-feast.ts'

/** `martlet export …` */
export function exportProgram(root: Command, ended: (exitCode: ExitCode) => void): void {
  const exports = root
    .command('export')
    .description('write definitions for other tools')
    .addHelpText('after', '\nExamples:\n  $ martlet export feast --out feast\n  $ martlet export definitions')
  withExamples(
    exports
      .command('feast')
      .description("a Feast registry and feature_store.yaml, with which Feast's SDK reads from martlet serve"),
    [
      'export feast',
      'export feast --out feast --url https://features.example.com',
      'export feast --project shop --json',
    ],
  )
    .option('--out <folder>', 'where registry.db and feature_store.yaml go (default: feast)')
    .option('--project <name>', "the name of Feast's project (default: martlet)")
    .option('--url <url>', 'where martlet serve answers (default: serving.host and serving.port)')
    .action(async (options: ExportFeastOptions) =>
      ended(
        await run('export feast', options, async (context) =>
          (await import('./export-feast.ts')).exportFeast(context, options),
        ),
      ),
    )
  withExamples(
    exports
      .command('definitions')
      .description('the plans of the present definitions as JSON, for martlet diff --against; opens no database'),
    ['export definitions', 'export definitions --into main.json'],
  )
    .option('--into <file>', 'the file to write (default: definitions.json)')
    .action(async (options: ExportDefinitionsOptions) =>
      ended(
        await run('export definitions', options, async (context) =>
          (await import('./export-definitions.ts')).exportDefinitions(context, options),
        ),
      ),
    )
}
