import process from 'node:process'
import { drain, foldViews, replay, type AnyIngestSource, type DrainProgress } from '@martlet/feature-store'
import { MartletError } from '@martlet/warehouse'
import { chosenSources } from '../ingest/chosen-sources.ts'
import { eventStoreOf } from '../ingest/event-store-of.ts'
import { follow } from '../ingest/follow.ts'
import { projectTopics } from '../ingest/project-topics.ts'
import { openProject, type Project } from '../project/project.ts'
import { ingestProgress } from '../terminal/ingest-progress.ts'
import type { Outcome } from '../terminal/outcome.ts'
import { table } from '../terminal/table.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { grouped } from '../terminal/words.ts'
import { ingestFilesCommand } from './ingest-files.ts'
import type { CommandContext, GlobalOptions } from './run-command.ts'
import { lengthMillis } from './length-millis.ts'

export interface IngestCommandOptions extends GlobalOptions {
  readonly follow?: boolean
  readonly every?: string
  readonly replay?: boolean
  readonly acceptGap?: boolean
  readonly files?: string
  readonly metrics?: string
}

/** `ingest [source…]`: brings events from the journal into the warehouse, once or as they come. */
export async function ingestCommand(
  context: CommandContext,
  names: readonly string[],
  options: IngestCommandOptions,
): Promise<Outcome> {
  const { terminal } = context
  if (options.follow === true && options.replay === true)
    throw new MartletError('USAGE', '--follow and --replay exclude each other: replay first, then follow.')
  if (options.files !== undefined && options.replay === true)
    throw new MartletError('USAGE', '--files and --replay exclude each other: bring the files, then replay.')
  const everyMs = lengthMillis('--every', options.every ?? '1s')
  const project = await context.project()
  const sources = await chosenSources(project, names)
  if (sources.length === 0) {
    const text = 'there are no sources: export one from the definitions, `export const payments = source(…)`'
    return { exitCode: 0, data: { sources: [] }, text }
  }
  if (options.replay === true) return replayed(project, sources, terminal)
  if (options.files !== undefined)
    return ingestFilesCommand(context, project, sources, {
      from: options.files,
      follow: options.follow === true,
      everyMs,
    })
  const report = ingestProgress(terminal)
  const round = async (
    from: Project,
    some: readonly AnyIngestSource[],
    signal: AbortSignal,
  ): Promise<readonly DrainProgress[]> => {
    const events = await eventStoreOf(project)
    const warehouse = await from.warehouse()
    const done: DrainProgress[] = []
    for (const { plan } of some)
      done.push(
        await drain({
          warehouse,
          source: plan,
          events,
          signal,
          onProgress: report,
          acceptGap: options.acceptGap === true,
        }),
      )
    const { views, sources: all } = await project.definitions()
    await foldViews({
      online: await project.online(),
      views: [...views.values()].map(({ plan }) => plan),
      sources: [...all.values()].map(({ plan }) => plan),
    })
    return done
  }
  const topics = await projectTopics(project, sources, terminal, options.metrics)
  if (options.follow !== true) {
    await topics('now', await eventStoreOf(project), context.signal)
    return answer(await round(project, sources, context.signal), terminal)
  }
  const ending = new AbortController()
  const terminate = (): void => ending.abort()
  process.on('SIGTERM', terminate)
  const waiting = context.waiting === undefined ? {} : { wait: context.waiting }
  terminal.note(`following ${sources.map(({ name }) => name).join(', ')}; Ctrl-C stops`)
  try {
    const signal = AbortSignal.any([context.signal, ending.signal])
    const events = await eventStoreOf(project)
    // What fails ends the other one too.
    const reading = topics('as they come', events, signal).catch((error: unknown) => {
      terminate()
      throw error
    })
    const following = follow({
      sources,
      events,
      everyMs,
      signal,
      round: async (some) => {
        // One process at a time has a DuckDB file open, so it is held only while there is something to bring.
        await using once = openProject(project.config, { folder: project.folder, ...waiting })
        return await round(once, some, signal)
      },
      onWaiting: ({ message }) => terminal.note(`waiting: ${message}`),
    })
    const [last] = await Promise.all([following.finally(terminate), reading])
    return answer([...last.values()], terminal)
  } finally {
    process.off('SIGTERM', terminate)
  }
}

function answer(done: readonly DrainProgress[], terminal: Terminal): Outcome {
  const columns = [
    { title: 'source' },
    ...['events', 'rejected', 'position', 'waiting'].map((title) => ({ title, right: true })),
  ]
  const rows = done.map(({ source, events, rejected, position, lag }) => [
    source,
    ...[events, rejected, position, lag].map(grouped),
  ])
  const sources = done.map(({ position, lag, ...rest }) => ({ ...rest, position: Number(position), lag: Number(lag) }))
  return { exitCode: 0, data: { sources }, text: table(columns, rows, terminal.paint, terminal.width) }
}

async function replayed(project: Project, sources: readonly AnyIngestSource[], terminal: Terminal): Promise<Outcome> {
  const warehouse = await project.warehouse()
  const done = []
  for (const { plan } of sources) {
    const onProgress = (events: number): void => terminal.event({ type: 'replay', source: plan.name, events })
    done.push(await replay({ warehouse, source: plan, onProgress }))
  }
  const columns = [{ title: 'source' }, ...['events', 'rows', 'rejected'].map((title) => ({ title, right: true }))]
  const rows = done.map(({ source, events, rows: made, rejected }) => [
    source,
    ...[events, made, rejected].map(grouped),
  ])
  return { exitCode: 0, data: { replayed: done }, text: table(columns, rows, terminal.paint, terminal.width) }
}
