import { invalid, type Place } from '../../define/invalid-definition.ts'
import type { TopicPlan } from '../../plan/ingest-plan.ts'

export type KafkaOrigin = TopicPlan

export interface KafkaTopic {
  /** The topic's name. */
  readonly topic: string
  /** The consumer group. @default `martlet-` and the source's name */
  readonly group?: string
  /** Where the first run begins: with all that the topic has, or with what comes from now on. @default 'earliest' */
  readonly start?: 'earliest' | 'latest'
  /**
   * What to do when the topic ends before the place that was read last, because it was deleted and created again: stop, or
   * read it from its start. Events that are known by their ids change nothing then. @default 'stop'
   */
  readonly recreated?: 'stop' | 'earliest'
  /** A topic that gets each record that is not valid, with the reason in its headers. @default none */
  readonly deadLetters?: string
}

/**
 * Says that the events of a source come from a topic of Kafka. The addresses of brokers, TLS and logins belong to the
 * configuration (`ingest.kafka`), so that definitions are the same everywhere.
 *
 * @example source('payments', { into: payments, id: ['payment_id'], from: kafka({ topic: 'bank.payments' }) })
 */
export function kafka(topic: KafkaTopic): KafkaOrigin {
  return {
    kind: 'kafka',
    topic: topic.topic,
    group: topic.group ?? null,
    start: topic.start ?? 'earliest',
    recreated: topic.recreated ?? 'stop',
    deadLetters: topic.deadLetters ?? null,
  }
}

/** What Kafka takes as the name of a topic. */
const TOPIC = /^[A-Za-z0-9._-]{1,249}$/

/**
 * Refuses an origin that no broker could serve.
 * @throws MartletError INVALID_DEFINITION
 */
export function checkKafkaOrigin(origin: KafkaOrigin, place: Place): void {
  for (const name of [origin.topic, origin.deadLetters])
    if (name !== null && !(typeof name === 'string' && TOPIC.test(name) && name !== '.' && name !== '..'))
      throw invalid(place, `'${name}' is no topic of Kafka: letters, digits, '.', '_' and '-' make one`)
  if (origin.deadLetters === origin.topic)
    throw invalid(place, `its dead letters go to '${origin.topic}', the topic that it reads; name another`)
  if (origin.group !== null && (typeof origin.group !== 'string' || origin.group === ''))
    throw invalid(place, 'the group of its topic must be a text that is not empty')
  if (origin.start !== 'earliest' && origin.start !== 'latest')
    throw invalid(place, "start of its topic must be 'earliest' or 'latest'")
  if (origin.recreated !== 'stop' && origin.recreated !== 'earliest')
    throw invalid(place, "recreated of its topic must be 'stop' or 'earliest'")
}

/** The group that reads a source's topic. */
export function groupOf(source: string, { group }: KafkaOrigin): string {
  return group ?? `martlet-${source}`
}
