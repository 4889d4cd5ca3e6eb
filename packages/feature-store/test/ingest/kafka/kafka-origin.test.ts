import { describe, expect, it } from 'vitest'
import { checkCluster, withoutSecrets, type KafkaCluster } from '../../../src/ingest/kafka/cluster.ts'
import { checkKafkaOrigin, groupOf, kafka, type KafkaTopic } from '../../../src/ingest/kafka/kafka-origin.ts'
import { openPlatformaticLog } from '../../../src/ingest/kafka/platformatic-log.ts'

describe('kafka()', () => {
  const refusal = (topic: unknown): string => {
    try {
      checkKafkaOrigin(kafka(topic as KafkaTopic), {})
      return 'none'
    } catch (error) {
      return String(error)
    }
  }

  it.each([
    [{ topic: 'bank payments' }, "'bank payments' is no topic of Kafka"],
    [{ topic: '..' }, "'..' is no topic"],
    [{}, "'undefined' is no topic"],
    [{ topic: 't', deadLetters: 't' }, "its dead letters go to 't', the topic that it reads"],
    [{ topic: 't', group: '' }, 'the group of its topic must be a text'],
    [{ topic: 't', start: 'now' }, "start of its topic must be 'earliest' or 'latest'"],
    [{ topic: 't', recreated: 'latest' }, "recreated of its topic must be 'stop' or 'earliest'"],
  ])('refuses %j', (topic, sentence) => {
    expect(refusal(topic)).toContain(sentence)
  })

  it('names the group after the source', () => {
    expect(refusal({ topic: 'bank.payments_1' })).toBe('none')
    expect(groupOf('payments', kafka({ topic: 't' }))).toBe('martlet-payments')
    expect(groupOf('payments', kafka({ topic: 't', group: 'g' }))).toBe('g')
  })
})

describe('a cluster', () => {
  it.each([
    [[], 'needs the address of a broker'],
    [['kafka://host:9092'], "got 'kafka://host:9092'"],
    [['host'], "got 'host'"],
  ])('refuses brokers %j', (brokers, sentence) => {
    expect(() => checkCluster({ brokers })).toThrow(sentence)
  })

  it('does not repeat a password that was put into an address', () => {
    expect(() => checkCluster({ brokers: ['me:hunter2@host:9092'] })).toThrow(/^(?!.*hunter2).*one with a user/)
  })

  it('takes names, numbers and IPv6 addresses', () => {
    checkCluster({ brokers: ['kafka-1.example:9092', '10.0.0.1:9092', '[::1]:9092'], sessionMs: 6000 })
    expect(() => checkCluster({ brokers: ['h:1'], sessionMs: 10 })).toThrow('sessionMs')
  })

  it('keeps passwords, tokens and keys out of every text', () => {
    const cluster: KafkaCluster = {
      brokers: ['h:1'],
      sasl: { mechanism: 'plain', username: 'me', password: 'hunter2' },
      tls: { key: 'PEM KEY' },
    }
    expect(withoutSecrets('login of me with hunter2 and PEM KEY failed', cluster)).toBe(
      'login of me with *** and *** failed',
    )
    expect(withoutSecrets('token abc', { brokers: ['h:1'], sasl: { mechanism: 'oauthbearer', token: 'abc' } })).toBe(
      'token ***',
    )
  })

  it('says where it looked and what to check when nobody listens, and nothing of the login', async () => {
    const cluster: KafkaCluster = {
      brokers: ['127.0.0.1:1'],
      sasl: { mechanism: 'scram-sha-256', username: 'me', password: 'hunter2' },
    }
    const log = await openPlatformaticLog({ topic: 't', group: 'g', cluster })
    const error: unknown = await log.join().catch((failure: unknown) => failure)
    expect(error).toMatchObject({ code: 'KAFKA_OPEN_FAILED', data: { topic: 't', brokers: ['127.0.0.1:1'] } })
    expect(String(error)).toContain('Topic t cannot be read from 127.0.0.1:1')
    expect(JSON.stringify(error) + String(error)).not.toContain('hunter2')
    await log.close()
  })
})
