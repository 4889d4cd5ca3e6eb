import { expect, test } from 'vitest'
import { workTable } from '../../src/index.ts'

test('monitors have tables of their own while they run, whatever they are called', () => {
  expect(workTable('current', 'next_day')).toBe('monitoring.current_next_day')
  expect(workTable('current', 'next-day')).toBe('monitoring.current_next_day_390e5344')
  const names = ['next_day', 'next-day', 'next.day', 'next day', 'Next_day', 'nächster', 'n_chster']
  expect(new Set(names.map((name) => workTable('labelled', name).toLowerCase())).size).toBe(names.length)
})
