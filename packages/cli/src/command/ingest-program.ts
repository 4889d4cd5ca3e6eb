import type { Command } from 'commander'
import type { ExitCode } from '../terminal/outcome.ts'
import { run, withExamples } from './define-command.ts'
import type { IngestCommandOptions } from './ingest.ts'

/** `martlet ingest`. */
export function ingestProgram(root: Command, ended: (exitCode: ExitCode) => void): void {
  withExamples(
    root
      .command('ingest [source...]')
      .description(
        'bring events that were pushed, or that topics have, into the warehouse: raw rows, rows of facts, and the quarantine',
      ),
    [
      'ingest',
      'ingest payments --json',
      'ingest --follow --every 5s',
      'ingest payments --files incoming --follow',
      'ingest payments --replay',
    ],
  )
    .option('--once', 'end when everything that is there has been brought (default)')
    .option('--follow', 'stay, and bring events as they come')
    .option('--files <path>', 'bring events of files instead: a folder, a file or a pattern such as "incoming/*.jsonl"')
    .option('--every <length>', 'with --follow: how often to look for events or files (default: 1s)')
    .option('--metrics <file>', 'a file that gets lag and counts of topics as Prometheus text every five seconds')
    .option('--replay', 'make the rows and the quarantine again from raw.<source>, with the definitions of today')
    .option('--accept-gap', 'go on although the journal no longer has events that the warehouse lacks')
    .option('--wait <length>', 'wait for a warehouse that another process has open, such as 10m (default: do not wait)')
    .action(async (names: readonly string[], options: IngestCommandOptions) =>
      ended(
        await run('ingest', options, async (context) =>
          (await import('./ingest.ts')).ingestCommand(context, names, options),
        ),
      ),
    )
}
