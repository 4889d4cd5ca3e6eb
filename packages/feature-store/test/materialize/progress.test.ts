import { expect, test } from 'vitest'
import type { MaterializeEvent } from '../../src/materialize/events.ts'
import { progressReporter } from '../../src/materialize/progress.ts'

const events: readonly MaterializeEvent[] = [
  {
    type: 'plan',
    view: 'customer_usage',
    action: 'write',
    reason: 'first run',
    from: '2024-01-01T00:00:00.000000Z',
    to: '2024-01-05T00:00:00.000000Z',
    instants: 4,
    estimatedRows: 4000,
    by: null,
  },
  ...[1, 2, 3, 4].map((day): MaterializeEvent => ({
    type: 'chunk',
    view: 'customer_usage',
    rows: day * 1000,
    estimatedRows: 4000,
    done: `2024-01-0${day + 1}T00:00:00.000000Z`,
    from: '2024-01-01T00:00:00.000000Z',
    to: '2024-01-05T00:00:00.000000Z',
    seconds: day * 2,
  })),
  { type: 'publish', view: 'customer_usage', rows: 1000, seconds: 9 },
  {
    type: 'done',
    view: 'customer_usage',
    rows: 4000,
    published: 1000,
    newest: '2024-01-04T00:00:00.000000Z',
    watermark: '2024-01-05T00:00:00.000000Z',
    seconds: 9.25,
  },
]

function written(options: { readonly isTTY?: boolean; readonly json?: boolean }): string {
  let text = ''
  const report = progressReporter({
    json: options.json ?? false,
    stream: { isTTY: options.isTTY ?? false, columns: 200, write: (part) => (text += part) },
  })
  for (const event of events) report(event)
  return text
}

test('plain lines, not more than one in five seconds', () => {
  expect(written({}).split('\n')).toEqual([
    'customer_usage  write 2024-01-01 to 2024-01-05, 4 instants, about 4.0k rows: first run',
    'customer_usage  75%  3.0k rows  before 2024-01-04  500 rows/s  2.0 s left',
    'customer_usage  100%  4.0k rows  before 2024-01-05  500 rows/s  8.0 s',
    'customer_usage  published 1.0k rows',
    'customer_usage  done: 4.0k rows in 9.3 s, newest row 2024-01-04, complete before 2024-01-05',
    '',
  ])
})

test('a bar that draws over itself on a terminal', () => {
  const lines = written({ isTTY: true }).split('\n')
  expect(lines).toHaveLength(4)
  expect(lines[1]?.split('\r\u001b[2K').slice(1)).toEqual([
    'customer_usage  [######------------------] 25%  1.0k rows  before 2024-01-02  500 rows/s  6.0 s left',
    'customer_usage  [############------------] 50%  2.0k rows  before 2024-01-03  500 rows/s  4.0 s left',
    'customer_usage  [##################------] 75%  3.0k rows  before 2024-01-04  500 rows/s  2.0 s left',
    'customer_usage  [########################] 100%  4.0k rows  before 2024-01-05  500 rows/s  8.0 s',
    'customer_usage  published 1.0k rows',
  ])
})

test('every event as a line of JSON', () => {
  expect(
    written({ json: true })
      .trim()
      .split('\n')
      .map((line): unknown => JSON.parse(line)),
  ).toEqual(events)
})
