import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { checkCluster, type KafkaCluster, type KafkaLogin, type KafkaTls } from '@martlet/feature-store'
import { MartletError } from '@martlet/warehouse'
import type { KafkaConfig, KafkaSasl, KafkaTlsFiles } from '../config/kafka-config.ts'
import { fromEnvironment } from '../place/environment.ts'

/**
 * The cluster that a configuration describes, with what its environment variables and files hold.
 *
 * @param folder paths count from here
 * @throws MartletError KAFKA_SECRET_MISSING when a variable is not set or a file cannot be read, CONFIG_INVALID when brokers
 * are no addresses
 */
export function kafkaCluster(config: KafkaConfig, folder: string): KafkaCluster {
  const { tls, sasl, clientId, sessionMs } = config
  const cluster: KafkaCluster = {
    brokers: brokersOf(config),
    ...(tls === undefined ? {} : { tls: typeof tls === 'boolean' ? tls : tlsOf(tls, folder) }),
    ...(sasl === undefined ? {} : { sasl: loginOf(sasl) }),
    ...(clientId === undefined ? {} : { clientId }),
    ...(sessionMs === undefined ? {} : { sessionMs }),
  }
  checkCluster(cluster)
  return cluster
}

function brokersOf(config: KafkaConfig): readonly string[] {
  if ('brokers' in config) return config.brokers
  const text = secret('brokersFrom', config.brokersFrom, 'addresses of brokers, such as kafka-1:9092,kafka-2:9092')
  return text.split(',').map((broker) => broker.trim())
}

function tlsOf({ ca, cert, key, servername }: KafkaTlsFiles, folder: string): KafkaTls {
  return {
    ...(ca === undefined ? {} : { ca: pem('ca', ca, folder) }),
    ...(cert === undefined ? {} : { cert: pem('cert', cert, folder) }),
    ...(key === undefined ? {} : { key: pem('key', key, folder) }),
    ...(servername === undefined ? {} : { servername }),
  }
}

function loginOf(sasl: KafkaSasl): KafkaLogin {
  if (sasl.mechanism === 'oauthbearer')
    // Read each time that a broker asks, because tokens expire.
    return { mechanism: 'oauthbearer', token: async () => secret('sasl.tokenFrom', sasl.tokenFrom, 'a token') }
  const { mechanism, username, passwordFrom } = sasl
  return { mechanism, username, password: secret('sasl.passwordFrom', passwordFrom, 'the password') }
}

function secret(key: string, variable: string, what: string): string {
  return fromEnvironment({
    variable,
    key: `ingest.kafka.${key} in martlet.config.ts`,
    what,
    code: 'KAFKA_SECRET_MISSING',
  })
}

function pem(key: string, path: string, folder: string): string {
  try {
    return readFileSync(resolve(folder, path), 'utf8')
  } catch (cause) {
    throw new MartletError('KAFKA_SECRET_MISSING', `The file of ingest.kafka.tls.${key}, ${path}, cannot be read.`, {
      data: { key: `ingest.kafka.tls.${key}`, path },
      cause,
    })
  }
}
