import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { followedFiles, ingestFiles, type AnyIngestSource, type FilesProgress } from '@martlet/feature-store'
import { MartletError } from '@martlet/warehouse'
import { openProject, type Project } from '../project/project.ts'
import type { Outcome } from '../terminal/outcome.ts'
import { table } from '../terminal/table.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { grouped } from '../terminal/words.ts'
import type { CommandContext } from './run-command.ts'

export interface IngestFilesCommandOptions {
  /** A folder, a file or a pattern. */
  readonly from: string
  readonly follow: boolean
  readonly everyMs: number
}

/** `ingest <source> --files <path>`: brings the events of files into the warehouse, once or as files come and grow. */
export async function ingestFilesCommand(
  context: CommandContext,
  project: Project,
  sources: readonly AnyIngestSource[],
  { from, follow, everyMs }: IngestFilesCommandOptions,
): Promise<Outcome> {
  const { terminal } = context
  const [source, ...more] = sources
  if (source === undefined || more.length > 0)
    throw new MartletError(
      'USAGE',
      '--files takes one source: name it, such as `martlet ingest payments --files incoming`.',
    )
  const seen = new Map<string, string>()
  const bring = async (on: Project, signal: AbortSignal): Promise<FilesProgress> =>
    ingestFiles({
      warehouse: await on.warehouse(),
      source: source.plan,
      from,
      signal,
      seen,
      onProgress: ({ files, events, rejected }) =>
        terminal.event({ type: 'ingest-files', source: source.name, files, events, rejected }),
    })
  if (!follow) return answer([await bring(project, context.signal)], terminal)
  const ending = new AbortController()
  const terminate = (): void => ending.abort()
  process.on('SIGTERM', terminate)
  const signal = AbortSignal.any([context.signal, ending.signal])
  const waiting = context.waiting === undefined ? {} : { wait: context.waiting }
  terminal.note(`following ${from} for ${source.name}; Ctrl-C stops`)
  let total: FilesProgress = { source: source.name, files: 0, events: 0, rejected: 0, failed: [] }
  let last: string | undefined
  try {
    while (!signal.aborted) {
      const there = (await followedFiles(from))
        .map(({ path, size, modified }) => `${path} ${size} ${modified}`)
        .join('\n')
      if (there !== last) {
        try {
          // One process at a time has a DuckDB file open, so it is held only while there is something to bring.
          await using once = openProject(project.config, { folder: project.folder, ...waiting })
          total = plus(total, await bring(once, signal))
          last = there
        } catch (error) {
          if (!(error instanceof MartletError)) throw error
          if (error.code === 'CANCELLED') break
          if (error.code !== 'WAREHOUSE_LOCKED') throw error
          terminal.note(`waiting: ${error.message}`)
        }
      }
      await sleep(everyMs, undefined, { signal }).catch(() => undefined)
    }
    return answer([total], terminal)
  } finally {
    process.off('SIGTERM', terminate)
  }
}

function plus(before: FilesProgress, done: FilesProgress): FilesProgress {
  return {
    ...done,
    files: before.files + done.files,
    events: before.events + done.events,
    rejected: before.rejected + done.rejected,
  }
}

/** Files that could not be read end the command with 1: their events are not in the warehouse. */
function answer(done: readonly FilesProgress[], terminal: Terminal): Outcome {
  const columns = [
    { title: 'source' },
    ...['files', 'events', 'rejected', 'failed'].map((title) => ({ title, right: true })),
  ]
  const rows = done.map(({ source, files, events, rejected, failed }) => [
    source,
    ...[files, events, rejected, failed.length].map(grouped),
  ])
  const failed = done.flatMap((one) => one.failed)
  const problems = failed.map(({ path, message }) => `${path} was not read: ${message}`)
  return {
    exitCode: failed.length === 0 ? 0 : 1,
    data: { sources: done },
    text: [table(columns, rows, terminal.paint, terminal.width), ...problems].join('\n'),
  }
}
