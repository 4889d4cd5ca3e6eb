import { z } from 'zod'
import { variable } from '../place/environment.ts'
import { localPath } from '../place/local-path.ts'

/** How to reach the Kafka cluster of sources with `from: kafka(…)`. Secrets are in environment variables and files. */
export type KafkaConfig = KafkaBrokers & {
  /** True for TLS with the system's authorities, or PEM files. @default false */
  readonly tls?: boolean | KafkaTlsFiles
  readonly sasl?: KafkaSasl
  /** How the cluster knows this client. @default 'martlet' */
  readonly clientId?: string
  /** How long a silent member keeps its partitions, in milliseconds. @default 10_000 */
  readonly sessionMs?: number
}

/** Addresses, or the environment variable that holds them, with commas between them. */
export type KafkaBrokers = { readonly brokers: readonly string[] } | { readonly brokersFrom: string }

export interface KafkaTlsFiles {
  /** Authorities to trust instead of the system's. */
  readonly ca?: string
  /** The client's certificate and key, where brokers ask for them. */
  readonly cert?: string
  readonly key?: string
  /** The name in the brokers' certificates, if it is not their address. */
  readonly servername?: string
}

export type KafkaSasl =
  | {
      readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'
      readonly username: string
      /** The name of the environment variable that holds the password. */
      readonly passwordFrom: string
    }
  | {
      readonly mechanism: 'oauthbearer'
      /** The name of the environment variable that holds the token. */
      readonly tokenFrom: string
    }

export const kafkaSchema: z.ZodType = z
  .strictObject({
    brokers: z.array(z.string().min(1)).min(1, 'must name a broker').optional(),
    brokersFrom: variable.optional(),
    tls: z
      .union(
        [
          z.boolean(),
          z.strictObject({
            ca: localPath.optional(),
            cert: localPath.optional(),
            key: localPath.optional(),
            servername: z.string().min(1).optional(),
          }),
        ],
        { error: 'must be true, or { ca, cert, key, servername } with paths of PEM files' },
      )
      .optional(),
    sasl: z
      .union(
        [
          z.strictObject({
            mechanism: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']),
            username: z.string().min(1),
            passwordFrom: variable,
          }),
          z.strictObject({ mechanism: z.literal('oauthbearer'), tokenFrom: variable }),
        ],
        {
          error:
            "must be { mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512', username, passwordFrom }, " +
            "or { mechanism: 'oauthbearer', tokenFrom }; both name environment variables",
        },
      )
      .optional(),
    clientId: z.string().min(1).optional(),
    sessionMs: z.int().min(500).optional(),
  })
  .refine(({ brokers, brokersFrom }) => (brokers === undefined) !== (brokersFrom === undefined), {
    error: "must have brokers: ['kafka-1:9092'], or brokersFrom: <name of an environment variable>",
  })
