import { renameSync, writeFileSync } from 'node:fs'
import {
  kafkaMetrics,
  readTopic,
  type AnyIngestSource,
  type EventStore,
  type KafkaCluster,
  type KafkaReading,
  type TailWriter,
} from '@martlet/feature-store'

export interface ReadTopicsOptions {
  /** Those without a topic are passed over. */
  readonly sources: readonly AnyIngestSource[]
  readonly cluster: KafkaCluster
  readonly events: EventStore
  /** What continuous views keep of a source's events. */
  readonly tails: (source: AnyIngestSource) => TailWriter | undefined
  readonly signal: AbortSignal
  /** `now` ends with what the topics have; `as they come` stays until the signal. */
  readonly until: 'now' | 'as they come'
  /** Told when something happens: a re-balance, a failure, a pause. */
  readonly onReading: (reading: KafkaReading) => void
  /** A file that gets the readings as Prometheus text every few seconds. */
  readonly metricsFile?: string
}

const METRICS_EVERY_MS = 5000

/** The sources that are read from a topic. */
export function withTopics(sources: readonly AnyIngestSource[]): readonly AnyIngestSource[] {
  return sources.filter(({ plan }) => plan.from !== null)
}

/**
 * Reads the topics of sources into their journals, all at once. When one of them cannot go on, the others stop too.
 * @throws MartletError what the first of them failed with
 */
export async function readTopics(options: ReadTopicsOptions): Promise<readonly KafkaReading[]> {
  const { sources, cluster, events, tails, until, onReading, metricsFile } = options
  const readers = withTopics(sources).map((source) =>
    readTopic(source, { cluster, store: events, tails: () => tails(source), report: onReading }),
  )
  const failed = new AbortController()
  const signal = AbortSignal.any([options.signal, failed.signal])
  const readings = (): readonly KafkaReading[] => readers.map((reader) => reader.reading())
  const write = (): void => {
    if (metricsFile !== undefined) writeWhole(metricsFile, kafkaMetrics(readings()))
  }
  const timer = setInterval(write, METRICS_EVERY_MS)
  try {
    const running = readers.map((reader) => (until === 'now' ? reader.catchUp(signal) : reader.run(signal)))
    for (const run of running) run.catch(() => failed.abort())
    const outcomes = await Promise.allSettled(running)
    const failure = outcomes.find((outcome) => outcome.status === 'rejected')
    if (failure !== undefined) throw failure.reason
    return readings()
  } finally {
    clearInterval(timer)
    write()
  }
}

/** A reader of the file never sees half of it. */
function writeWhole(file: string, text: string): void {
  writeFileSync(`${file}.part`, text)
  renameSync(`${file}.part`, file)
}
