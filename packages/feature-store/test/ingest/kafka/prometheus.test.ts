import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { kafkaMetrics, type KafkaReading } from '@martlet/feature-store'

const reading: KafkaReading = {
  source: 'payments',
  topic: 'bank.payments',
  group: 'g',
  state: 'paused',
  partitions: [
    { partition: 0, committed: 5n, end: 9n },
    { partition: 3, committed: 7n, end: 7n },
  ],
  lag: 4n,
  rebalances: 2,
  records: 12,
  accepted: 8,
  repeated: 1,
  rejected: 3,
  deadLetters: 3,
  fenced: 1,
  lost: 6n,
  failures: 2,
}

it('exposes what the documentation lists, with its types', () => {
  const text = kafkaMetrics([reading])
  const page = readFileSync(join(import.meta.dirname, '../../../../../docs/observability.md'), 'utf8')
  const documented = [...page.matchAll(/^\| `(martlet_kafka_\w+)` +\| (\w+) /gm)].map(
    ([, name, type]) => `${name} ${type}`,
  )
  const exposed = [...text.matchAll(/^# TYPE (\w+) (\w+)$/gm)].map(([, name, type]) => `${name} ${type}`)
  expect(exposed.toSorted()).toEqual(documented.toSorted())
  expect(
    text
      .split('\n')
      .filter((line) => line.includes('{') && !line.includes('partition='))
      .map((line) => line.replace(/^martlet_kafka_(\w+)\{.*\} (\d+)$/, '$1 $2')),
  ).toEqual([
    'lag_records 4',
    'rebalances_total 2',
    'records_total 12',
    'repeated_total 1',
    'rejected_total 3',
    'dead_letters_total 3',
    'fenced_total 1',
    'lost_total 6',
    'failures_total 2',
    'paused 1',
  ])
  expect(text).toContain('martlet_kafka_committed_offset{source="payments",topic="bank.payments",partition="3"} 7\n')
})

it('is empty without topics', () => {
  expect(kafkaMetrics([])).toBe('')
})
