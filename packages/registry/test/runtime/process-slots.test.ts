import { expect, test } from 'vitest'
import { MAX_PROCESSES, takeSlot } from '../../src/runtime/isolated/process-slots.ts'
import { failure } from '../support/failure.ts'

test('no more models have a process than may; whoever waits longest is next, and nobody waits for ever', async () => {
  const free = await Promise.all(Array.from({ length: MAX_PROCESSES }, () => takeSlot('m', 1000)))
  const error = await failure(() => takeSlot('one more', 20))
  expect([error.code, error.message]).toEqual([
    'ISOLATION_LIMIT',
    expect.stringMatching(/^Model one more needs a process of its own, but 32 models/),
  ])

  const order: string[] = []
  const wait = async (name: string): Promise<() => void> => {
    const give = await takeSlot(name, 20_000)
    order.push(name)
    return give
  }
  const waiting = [wait('first'), wait('second')]
  free[0]?.()
  // giving one back twice gives back one
  free[0]?.()
  const first = await waiting[0]
  expect(order).toEqual(['first'])
  first?.()
  const second = await waiting[1]
  expect(order).toEqual(['first', 'second'])

  for (const give of [...free, second]) give?.()
  const again = await Promise.all(Array.from({ length: MAX_PROCESSES }, () => takeSlot('m', 1000)))
  expect((await failure(() => takeSlot('m', 20))).code).toBe('ISOLATION_LIMIT')
  for (const give of again) give()
})
