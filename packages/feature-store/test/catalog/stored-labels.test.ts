import { expect, test } from 'vitest'
import { z } from 'zod'
import { labelDifference } from '../../src/catalog/difference.ts'
import { readLabelPlan } from '../../src/catalog/plan-json.ts'
import { entity, fact, happens, label, labelHash, next, timeTo } from '../../src/index.ts'

const machine = entity('machine', { machine_id: z.int() })
const failures = fact('mart.failures', {
  columns: { machine_id: z.int(), ts: z.date(), component: z.enum(['pump', 'valve']), hours: z.number() },
  entities: [machine],
  eventTime: 'ts',
})
const of = machine
const from = failures
const hours = label('target', { of, from, value: (f) => f.sum('hours').ahead('1d') })
const days = label('target', { of, from, value: (f) => f.sum('hours').ahead('1d').steps(7) })
const share = label('target', { of, from, value: (f) => f.ratio(f.sum('hours'), f.count()).ahead('1d') })
const soon = label('target', { of, value: happens(failures).within('1d', { where: (r) => r.hours.gt(1) }) })
const failing = label('target', {
  of,
  value: next(failures, 'component').within('1d', { where: (r) => r.hours.gt(1) }),
})

const life = label('target', { of, value: timeTo(failures).within('30d') })

test.each([life, hours, days, share, soon, failing])('a stored label is read back as it was', ({ plan }) => {
  const read = readLabelPlan(JSON.stringify(plan), 'the test')
  expect(read).toEqual(plan)
  expect(labelHash(read)).toBe(labelHash(plan))
})

test('says what changed between two labels', () => {
  expect(labelDifference(hours.plan, days.plan)).toEqual(['steps 1 → 7'])
  expect(labelDifference(soon.plan, failing.plan)).toEqual([
    'aggregate happens where (hours > 1) → next component where (hours > 1)',
    'type boolean → text',
  ])
})
