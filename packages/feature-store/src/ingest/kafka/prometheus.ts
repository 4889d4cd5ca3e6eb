import type { KafkaReading } from './reading.ts'

const PER_SOURCE = [
  ['martlet_kafka_lag_records', 'gauge', 'Records that the topic has and the store has not.', 'lag'],
  ['martlet_kafka_rebalances_total', 'counter', 'Times that the group gave other partitions.', 'rebalances'],
  ['martlet_kafka_records_total', 'counter', 'Records that were read.', 'records'],
  ['martlet_kafka_repeated_total', 'counter', 'Records whose event was there already.', 'repeated'],
  ['martlet_kafka_rejected_total', 'counter', 'Records that are not valid.', 'rejected'],
  ['martlet_kafka_dead_letters_total', 'counter', 'Records that were sent to the dead-letter topic.', 'deadLetters'],
  ['martlet_kafka_fenced_total', 'counter', 'Batches that another member had appended already.', 'fenced'],
  ['martlet_kafka_lost_total', 'counter', 'Records that the topic dropped before they were read.', 'lost'],
  ['martlet_kafka_failures_total', 'counter', 'Requests to brokers that failed and were tried again.', 'failures'],
] as const

/** What topics and their reading are like, as Prometheus text. */
export function kafkaMetrics(readings: readonly KafkaReading[]): string {
  const lines = PER_SOURCE.flatMap(([name, type, help, field]) =>
    family(
      name,
      type,
      help,
      readings.map((reading) => [sourceOf(reading), reading[field]] as const),
    ),
  )
  const committed = readings.flatMap((reading) =>
    reading.partitions.map(
      (one) => [[...sourceOf(reading), ['partition', String(one.partition)]], one.committed] as const,
    ),
  )
  const paused = readings.map((reading) => [sourceOf(reading), reading.state === 'paused' ? 1 : 0] as const)
  const help = 'The offset up to which the store has the partition.'
  return [
    ...lines,
    ...family('martlet_kafka_committed_offset', 'gauge', help, committed),
    ...family('martlet_kafka_paused', 'gauge', '1 while the warehouse is too far behind.', paused),
    '',
  ].join('\n')
}

type Labels = readonly (readonly [name: string, value: string])[]

function sourceOf({ source, topic }: KafkaReading): Labels {
  return [
    ['source', source],
    ['topic', topic],
  ]
}

function family(
  name: string,
  type: string,
  help: string,
  samples: readonly (readonly [Labels, number | bigint])[],
): readonly string[] {
  // Names of sources and topics are letters, digits, '.', '_' and '-': nothing has to be escaped.
  const lines = samples.map(
    ([labels, value]) => `${name}{${labels.map(([label, text]) => `${label}="${text}"`).join(',')}} ${value}`,
  )
  return lines.length === 0 ? [] : [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines]
}
