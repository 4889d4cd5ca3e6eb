import { MartletError } from '@martlet/warehouse'
import type * as Client from '@platformatic/kafka'
import type { KafkaCluster, KafkaLogin } from './cluster.ts'

export async function loadClient(): Promise<typeof Client> {
  try {
    return await import('@platformatic/kafka')
  } catch (cause) {
    throw new MartletError(
      'KAFKA_CLIENT_MISSING',
      'Reading from Kafka needs a client that is not installed. Run npm install @platformatic/kafka.',
      { data: { package: '@platformatic/kafka' }, cause },
    )
  }
}

/** How the client is told what every client of a cluster has to know. */
export function clientOptions({ brokers, tls, sasl, clientId }: KafkaCluster): Client.BaseOptions {
  return {
    clientId: clientId ?? 'martlet',
    bootstrapBrokers: [...brokers],
    timeout: 10_000,
    retries: 3,
    retryDelay: 200,
    ...(tls === undefined || tls === false ? {} : { tls: tls === true ? {} : tls, tlsServerName: true }),
    ...(sasl === undefined ? {} : { sasl: loginOptions(sasl) }),
  }
}

function loginOptions(login: KafkaLogin): NonNullable<Client.BaseOptions['sasl']> {
  switch (login.mechanism) {
    case 'oauthbearer':
      return { mechanism: 'OAUTHBEARER', token: login.token }
    case 'plain':
      return { mechanism: 'PLAIN', username: login.username, password: login.password }
    case 'scram-sha-256':
      return { mechanism: 'SCRAM-SHA-256', username: login.username, password: login.password }
    case 'scram-sha-512':
      return { mechanism: 'SCRAM-SHA-512', username: login.username, password: login.password }
  }
}
