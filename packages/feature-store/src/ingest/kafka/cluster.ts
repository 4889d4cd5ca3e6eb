import { MartletError } from '@martlet/warehouse'

/** How to reach a Kafka cluster. */
export interface KafkaCluster {
  /** Addresses such as `kafka-1:9092`; one that answers is enough. */
  readonly brokers: readonly string[]
  /** True for TLS with the system's authorities, or what Node's `tls.connect` takes. Default: none. */
  readonly tls?: boolean | KafkaTls
  readonly sasl?: KafkaLogin
  /** How the cluster knows this client in its logs and quotas. Default `martlet`. */
  readonly clientId?: string
  /** How long the group waits for a member that is silent, before others get its partitions. Default 10,000 ms. */
  readonly sessionMs?: number
}

export interface KafkaTls {
  /** PEM text of the authorities to trust instead of the system's. */
  readonly ca?: string
  /** PEM text of the client's certificate and key, where brokers ask for them. */
  readonly cert?: string
  readonly key?: string
  /** The name in the brokers' certificates, if it is not their address. */
  readonly servername?: string
}

export type KafkaLogin =
  | {
      readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'
      readonly username: string
      readonly password: string
    }
  | { readonly mechanism: 'oauthbearer'; readonly token: string | (() => Promise<string>) }

/** The text of a failure without what only this cluster's clients may know. */
export function withoutSecrets(text: string, { sasl, tls }: KafkaCluster): string {
  const secrets: string[] = []
  if (sasl !== undefined && 'password' in sasl) secrets.push(sasl.password)
  if (sasl !== undefined && 'token' in sasl && typeof sasl.token === 'string') secrets.push(sasl.token)
  if (typeof tls === 'object' && tls.key !== undefined) secrets.push(tls.key)
  let clean = text
  for (const secret of secrets) if (secret !== '') clean = clean.replaceAll(secret, '***')
  return clean
}

/** Refuses addresses that no client could use, before one tries. */
export function checkCluster({ brokers, sessionMs }: KafkaCluster): void {
  if (brokers.length === 0)
    throw new MartletError('CONFIG_INVALID', 'Kafka needs the address of a broker, such as `kafka-1:9092`.')
  const wrong = brokers.find((broker) => !/^(\[[0-9a-fA-F:]+\]|[^\s:/@]+):\d{1,5}$/.test(broker))
  if (wrong !== undefined) {
    // What stands before an @ may be a password.
    const given = wrong.includes('@') ? 'one with a user' : `'${wrong}'`
    throw new MartletError(
      'CONFIG_INVALID',
      `A broker of Kafka must be an address such as \`kafka-1:9092\`, without a scheme or a user; got ${given}.`,
      { data: { brokers: brokers.length } },
    )
  }
  if (sessionMs !== undefined && !(Number.isInteger(sessionMs) && sessionMs >= 500))
    throw new MartletError('CONFIG_INVALID', `sessionMs of Kafka must be a whole number from 500 on; got ${sessionMs}.`)
}
