import { MartletError } from '@martlet/warehouse'
import { withoutSecrets, type KafkaCluster } from './cluster.ts'

/** What a client's error says, in one line: of several errors, the first that is not only their list. */
export function reasonOf(error: unknown, cluster: KafkaCluster): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0], cluster)
  const cause = error instanceof Error ? error.cause : undefined
  const own = error instanceof Error ? error.message || error.name : String(error)
  const text = cause instanceof Error && cause.message !== '' ? `${own} ${cause.message}` : own
  return withoutSecrets(text.split('\n')[0] ?? '', cluster).replace(/\.$/, '')
}

/** A first connection that did not come about. The client's own error stays out: it holds the options, secrets included. */
export function openFailed(topic: string, cluster: KafkaCluster, error: unknown): MartletError {
  if (error instanceof MartletError) return error
  const reason = reasonOf(error, cluster)
  const fix = /sasl|auth/i.test(reason)
    ? 'Check the mechanism, the user and the password of sasl.'
    : 'Are the brokers up, the addresses right, and is TLS said where they want it?'
  const brokers = cluster.brokers.join(', ')
  return new MartletError('KAFKA_OPEN_FAILED', `Topic ${topic} cannot be read from ${brokers}: ${reason}. ${fix}`, {
    data: { topic, brokers: cluster.brokers, reason },
  })
}

export function topicMissing(topic: string, cluster: KafkaCluster): MartletError {
  return new MartletError(
    'KAFKA_TOPIC_MISSING',
    `There is no topic ${topic} at ${cluster.brokers.join(', ')}, or this user may not see it. Create it, or correct the name.`,
    { data: { topic, brokers: cluster.brokers } },
  )
}
