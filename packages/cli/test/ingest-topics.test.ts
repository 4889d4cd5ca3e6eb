import { openDuckDb, rowsOf, sql } from '@martlet/warehouse'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { readFileSync } from 'node:fs'
import { startBroker, type Broker } from '../../feature-store/test/ingest/kafka/broker/broker.ts'
import { onBroker, withoutBroker } from '../../feature-store/test/ingest/kafka/on-broker.ts'
import { Topics } from '../../feature-store/test/ingest/kafka/topics.ts'
import { checkConfig } from '../src/config/check-config.ts'
import { kafkaCluster } from '../src/ingest/kafka-cluster.ts'
import { emptyFolder, type TestProject } from './run-martlet.ts'

// Each command starts a process.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const definitions = (topic: string): string => `import { entity, fact, kafka, source } from '@martlet/feature-store'
import { z } from 'zod'

const account = entity('account', { account_id: z.string() })
const paymentFact = fact('mart.payments', {
  columns: { payment_id: z.string(), account_id: z.string(), amount: z.number(), ts: z.date() },
  entities: [account],
  eventTime: 'ts',
})
export const payments = source('payments', {
  into: paymentFact, id: ['payment_id'], from: kafka({ topic: '${topic}' }),
})
`
const config = (kafka: string): string => `export default {
  warehouse: { duckdb: 'warehouse.duckdb' },
  catalog: { sqlite: 'catalog.sqlite' },
  online: { lmdb: 'online' },
  artifacts: { folder: 'artifacts' },
  definitions: () => import('./definitions.ts'),
  ${kafka}
}
`

const written = async (topic: string, kafka: string): Promise<TestProject> => {
  const project = await emptyFolder()
  await project.write('martlet.config.ts', config(kafka))
  await project.write('definitions.ts', definitions(topic))
  return project
}

describe('topics of martlet ingest', () => {
  it('says that no topic is read where no cluster is named', async () => {
    await using project = await written('t', '')
    const { code, stderr } = await project.martlet('ingest')
    expect(code).toBe(0)
    expect(stderr).toContain('no topic is read: the configuration has no `ingest.kafka`')
  })

  it('names the variable that is not set', async () => {
    await using project = await written('t', "ingest: { kafka: { brokersFrom: 'NO_SUCH_BROKERS' } },")
    expect(await project.json(1, 'ingest')).toMatchObject({
      error: { code: 'KAFKA_SECRET_MISSING', message: expect.stringContaining('NO_SUCH_BROKERS') },
    })
  })

  it('reads a login from variables and files, and repeats no secret', () => {
    vi.stubEnv('KAFKA_BROKERS', 'k1:9092, k2:9092')
    vi.stubEnv('KAFKA_PASSWORD', 'hunter2')
    const sasl = { mechanism: 'plain', username: 'me', passwordFrom: 'KAFKA_PASSWORD' } as const
    expect(kafkaCluster({ brokersFrom: 'KAFKA_BROKERS', sasl, tls: true, sessionMs: 6000 }, '.')).toEqual({
      brokers: ['k1:9092', 'k2:9092'],
      sasl: { mechanism: 'plain', username: 'me', password: 'hunter2' },
      tls: true,
      sessionMs: 6000,
    })
    const wrong = { ...sasl, passwordFrom: 'the password itself!' }
    expect(() => kafkaCluster({ brokers: ['k1:9092'], sasl: wrong }, '.')).toThrow(
      /^(?!.*itself).*name of an environment/,
    )
    expect(() => kafkaCluster({ brokers: ['k1:9092'], tls: { ca: 'none.pem' } }, '/nowhere')).toThrow('none.pem')
    vi.unstubAllEnvs()
  })

  it.each([
    [{ brokers: [] }, 'ingest.kafka.brokers: must name a broker'],
    [{}, 'ingest.kafka: must have brokers'],
    [{ brokers: ['k:1'], brokersFrom: 'BROKERS' }, 'ingest.kafka: must have brokers'],
    [
      { brokers: ['k:1'], sasl: { mechanism: 'plain', username: 'me', password: 'hunter2' } },
      'ingest.kafka.sasl: must be',
    ],
    [{ brokers: ['k:1'], tls: { ca: 'https://ca.example/ca.pem' } }, 'ingest.kafka.tls.ca: must be a path'],
  ])('refuses %j', (kafka, sentence) => {
    const given = {
      warehouse: { duckdb: 'w' },
      catalog: { sqlite: 'c' },
      online: { lmdb: 'o' },
      artifacts: { folder: 'a' },
      definitions: {},
    }
    expect(() => checkConfig({ ...given, ingest: { kafka } }, 'martlet.config.ts')).toThrow(sentence)
    expect(() => checkConfig({ ...given, ingest: { kafka } }, 'martlet.config.ts')).toThrow(/^((?!hunter2)[^])*$/)
  })
})

describe.skipIf(withoutBroker !== undefined)(`topics of martlet ingest on a real broker${onBroker}`, () => {
  let broker: Broker
  let topics: Topics
  beforeAll(async () => {
    broker = await startBroker()
    topics = new Topics(broker.address)
  })
  afterAll(async () => {
    await topics?.close()
    await broker?.stop()
  })

  it('are brought into the warehouse: once, and as records come', async () => {
    const topic = await topics.create(2)
    await using project = await written(
      topic,
      `ingest: { kafka: { brokers: ['${broker.address}'], sessionMs: 1000 } },`,
    )
    const payment = (id: string) => ({
      partition: id.length % 2,
      value: JSON.stringify({ payment_id: id, account_id: 'a', amount: 1, ts: '2026-01-01T00:00:00Z' }),
    })
    const inWarehouse = async (): Promise<unknown[]> => {
      await using warehouse = await openDuckDb({ path: project.path('warehouse.duckdb') })
      return rowsOf(await warehouse.read(sql`SELECT payment_id FROM mart.payments ORDER BY 1`)).map(
        (row) => row['payment_id'],
      )
    }
    await topics.write(topic, [payment('p1'), payment('p10'), { partition: 0, value: 'no JSON' }])
    expect(await project.json(0, 'ingest')).toMatchObject({
      sources: [{ source: 'payments', events: 3, rejected: 1, lag: 0 }],
    })
    expect(await inWarehouse()).toEqual(['p1', 'p10'])

    const running = project.start(
      'ingest',
      '--follow',
      '--every',
      '50ms',
      '--json',
      '--metrics',
      project.path('kafka.prom'),
    )
    await running.printed('"state":"reading"', 'stderr')
    await topics.write(topic, [payment('p2'), payment('p1')])
    await running.printed('"position":4', 'stderr')
    running.child.kill('SIGTERM')
    expect((await running.ended).code).toBe(0)
    expect(await inWarehouse()).toEqual(['p1', 'p10', 'p2'])
    const metrics = readFileSync(project.path('kafka.prom'), 'utf8')
    expect(metrics).toContain(`martlet_kafka_lag_records{source="payments",topic="${topic}"} 0\n`)
    expect(metrics).toContain(`martlet_kafka_repeated_total{source="payments",topic="${topic}"} 1\n`)
  })

  it('end the command when they cannot be read', async () => {
    await using project = await written('no.such.topic', `ingest: { kafka: { brokers: ['${broker.address}'] } },`)
    expect(await project.json(1, 'ingest', '--follow')).toMatchObject({ error: { code: 'KAFKA_TOPIC_MISSING' } })
  })
})
