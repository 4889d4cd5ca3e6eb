import { afterEach, expect, it, vi } from 'vitest'
import { checkChannels } from '../../src/doctor/channels.ts'
import { defineConfig } from '../../src/index.ts'

const config = defineConfig({
  warehouse: { duckdb: ':memory:' },
  catalog: { sqlite: 'catalog.sqlite' },
  online: 'memory',
  artifacts: { folder: 'artifacts' },
  definitions: {},
  alerts: {
    channels: {
      ops: { webhook: { urlFrom: 'DOCTOR_TEST_URL', secretFrom: 'DOCTOR_TEST_SECRET' } },
      desk: { command: { argv: ['notify'] } },
    },
  },
})

afterEach(() => vi.unstubAllEnvs())

it('doctor names the variables that a channel lacks, and no value', () => {
  vi.stubEnv('DOCTOR_TEST_URL', '')
  expect(checkChannels({ config })).toEqual([
    {
      name: 'channel ops',
      state: 'fail',
      found: 'DOCTOR_TEST_URL and DOCTOR_TEST_SECRET are not set, so nobody is told through it',
      fix: 'Set it where commands and schedules run.',
    },
    { name: 'channel desk', state: 'ok', found: 'command; martlet alerts test desk tries it' },
  ])
  vi.stubEnv('DOCTOR_TEST_URL', 'https://hooks.test/hunter2')
  vi.stubEnv('DOCTOR_TEST_SECRET', 'hunter2')
  const checks = checkChannels({ config })
  expect(checks.map(({ state }) => state)).toEqual(['ok', 'ok'])
  expect(JSON.stringify(checks)).not.toContain('hunter2')
})
