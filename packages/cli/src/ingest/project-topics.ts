import { sourceTails, type AnyIngestSource, type EventStore, type KafkaReading } from '@martlet/feature-store'
import type { Project } from '../project/project.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { grouped } from '../terminal/words.ts'
import { kafkaCluster } from './kafka-cluster.ts'
import { readTopics, withTopics, type ReadTopicsOptions } from './read-topics.ts'

/** Reads the topics of a project's sources, up to now or until the signal. */
export type ProjectTopics = (
  until: ReadTopicsOptions['until'],
  events: EventStore,
  signal: AbortSignal,
) => Promise<unknown>

/**
 * What reads the topics of some sources of a project; nothing where none has a topic, or where the configuration names no
 * cluster, which is said.
 * @throws MartletError KAFKA_SECRET_MISSING, CONFIG_INVALID
 */
export async function projectTopics(
  project: Project,
  sources: readonly AnyIngestSource[],
  terminal: Terminal,
  metricsFile?: string,
): Promise<ProjectTopics> {
  const read = withTopics(sources)
  const config = project.config.ingest?.kafka
  if (read.length === 0) return async () => undefined
  if (config === undefined) {
    const names = read.map(({ name }) => name).join(', ')
    terminal.note(`no topic is read: the configuration has no \`ingest.kafka\`, which ${names} would be read from`)
    return async () => undefined
  }
  const cluster = kafkaCluster(config, project.folder)
  const { sources: all, views } = await project.definitions()
  const tails = sourceTails(
    [...all.values()].map(({ plan }) => plan),
    [...views.values()].map(({ plan }) => plan),
  )
  return (until, events, signal) =>
    readTopics({
      sources: read,
      cluster,
      events,
      until,
      signal,
      onReading: reporter(terminal),
      tails: ({ name }) => tails.get(name),
      ...(metricsFile === undefined ? {} : { metricsFile }),
    })
}

function reporter(terminal: Terminal): (reading: KafkaReading) => void {
  return (reading) => {
    const { source, topic, state, lag, partitions, lastFailure, failures } = reading
    if (terminal.events) {
      const { rebalances, rejected, fenced } = reading
      const counts = { rebalances, rejected, fenced, failures, partitions: partitions.length, lag: Number(lag) }
      return terminal.event({ type: 'topic', source, topic, state, ...counts })
    }
    const what =
      state === 'connecting' && lastFailure !== undefined
        ? `tries again: ${lastFailure}`
        : `${state}, ${partitions.length} partitions, ${grouped(lag)} records behind`
    terminal.note(`${source} from ${topic}  ${what}`)
  }
}
