import {
  entity,
  featureService,
  featureView,
  openMemoryStore,
  openOnlineReader,
  precomputed,
  publishRows,
} from '@martlet/feature-store'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { deskMetrics } from '../../src/desk/desk-metrics.ts'
import { keptAnswers } from '../../src/desk/features/kept/kept-answers.ts'
import { oneKeyScanner } from '../../src/desk/features/one-key-scanner.ts'
import { servedService } from '../../src/desk/features/served-service.ts'
import { JsonBytes } from '../../src/desk/json/json-bytes.ts'
import { limitsOf } from '../../src/desk/limits.ts'
import { writeHead, writeOneKept, writeRows, writeTail } from '../../src/protocol/martlet/feature-writer.ts'
import { batch, once } from '../support/batch.ts'

const limits = limitsOf({ keyLength: 8 })
const columns = [
  { name: 'shop', type: 'text' },
  { name: 'größe', type: 'text' },
] as const
const scan = oneKeyScanner(columns, limits)

function scanned(body: string): string | undefined {
  const out = new JsonBytes()
  return scan?.(Buffer.from(body), out) === true ? out.take().toString() : undefined
}

/** The key as answers repeat it, when a body is plain JSON that asks for one and nothing else. */
function parsed(body: string): string | undefined {
  try {
    const value: unknown = JSON.parse(body)
    const one = z
      .strictObject({
        keys: z.tuple([z.strictObject({ shop: z.string().max(8), größe: z.string().max(8) })]),
      })
      .safeParse(value)
    return one.success
      ? `{"shop":${JSON.stringify(one.data.keys[0].shop)},"größe":${JSON.stringify(one.data.keys[0].größe)}}`
      : undefined
  } catch {
    return undefined
  }
}

const space = fc.oneof(
  { weight: 60, arbitrary: fc.constantFrom('', '', '', ' ', '\n\t', '\r') },
  { weight: 1, arbitrary: fc.constantFrom('\u00a0', '\v') },
)
const text = fc.oneof(
  fc.string({ unit: 'grapheme-ascii', maxLength: 9 }).map((value) => JSON.stringify(value)),
  fc.string({ unit: 'binary', maxLength: 4 }).map((value) => `"${value}"`),
  fc.constantFrom('""', '"a\\u0062"', '"\\\\"', '5', 'null', '"', '"12345678"', '"123456789"', '"ü"'),
)
const tokens = fc
  .tuple(text, text)
  .map(([shop, size]) => ['{', '"keys"', ':', '[', '{', '"shop"', ':', shop, ',', '"größe"', ':', size, '}', ']', '}'])
const body = fc
  .tuple(
    tokens,
    fc.array(space, { minLength: 16, maxLength: 16 }),
    fc.option(fc.nat(14), { freq: 1 }),
    fc.constantFrom('', ',', '{'),
  )
  .map(([parts, spaces, changed, by]) => {
    const all = parts.map((part, index) => (index === changed ? by : part))
    return all.map((part, index) => `${spaces[index]}${part}`).join('') + (spaces[15] ?? '')
  })

test('what is scanned is what would be parsed', () => {
  let found = 0
  fc.assert(
    fc.property(body, (sent) => {
      const key = scanned(sent)
      if (key === undefined) return
      found++
      expect(key).toBe(parsed(sent))
    }),
    { numRuns: 1500 },
  )
  expect(found).toBeGreaterThan(30)
})

test('a key of plain texts is scanned however it is spaced, and up to its longest', () => {
  expect(scanned('{"keys":[{"shop":"a","größe":""}]}')).toBe('{"shop":"a","größe":""}')
  expect(scanned(' {\n"keys" : [ { "shop" : "12345678" ,\t"größe":"~ x" } ] }\r\n')).toBe(
    '{"shop":"12345678","größe":"~ x"}',
  )
})

test.each([
  ['two keys', '{"keys":[{"shop":"a","größe":"b"},{"shop":"a","größe":"b"}]}'],
  ['another order', '{"keys":[{"größe":"b","shop":"a"}]}'],
  ['a column twice', '{"keys":[{"shop":"a","größe":"b","größe":"c"}]}'],
  ['another column', '{"keys":[{"shop":"a","größe":"b","x":"c"}]}'],
  ['features', '{"keys":[{"shop":"a","größe":"b"}],"features":["x"]}'],
  ['an escape', '{"keys":[{"shop":"\\u0061","größe":"b"}]}'],
  ['a character beyond ASCII', '{"keys":[{"shop":"ü","größe":"b"}]}'],
  ['a long text', '{"keys":[{"shop":"123456789","größe":"b"}]}'],
  ['a number', '{"keys":[{"shop":1,"größe":"b"}]}'],
  ['more behind it', '{"keys":[{"shop":"a","größe":"b"}]} {'],
  ['less', '{"keys":[{"shop":"a","größe":"b"}]'],
  ['nothing', ''],
  ['a byte order mark', '\ufeff{"keys":[{"shop":"a","größe":"b"}]}'],
])('%s is left to the parser', (_, sent) => expect(scanned(sent)).toBeUndefined())

test('keys of other types and bodies that may not nest are left to the parser', () => {
  expect(oneKeyScanner([{ name: 'id', type: 'bigint' }], limits)).toBeUndefined()
  expect(oneKeyScanner([], limits)).toBeUndefined()
  expect(oneKeyScanner(columns, limitsOf({ jsonDepth: 2 }))).toBeUndefined()
})

test('a kept row is answered from the bytes of its request, until it changes', async () => {
  const customer = entity('customer', { customer_id: z.string() })
  const view = featureView('notes', {
    of: customer,
    from: precomputed('mart.notes', {
      columns: { customer_id: z.string(), at: z.date(), note: z.string() },
      entity: customer,
      time: 'at',
    }),
    every: '1d',
    features: (f) => ({ note: f.column('note') }),
  })
  const online = openMemoryStore()
  const publish = (note: string): Promise<unknown> =>
    publishRows(
      online,
      view.plan,
      once(
        batch({ customer_id: ['text', ['a']], feature_time: ['timestamp', [86_400_000_000n]], note: ['text', [note]] }),
      ),
    )
  const metrics = deskMetrics()
  const kept = keptAnswers(online, 1 << 20, metrics)
  onTestFinished(() => {
    kept?.close()
    metrics.close()
  })
  const read = servedService(featureService('notes', [view]).plan, {
    open: (service) => openOnlineReader({ service, store: online }),
    limits: limitsOf(),
    metrics,
    kept,
  })
  const now = 90_000_000_000n
  const out = new JsonBytes()
  const copied = (): string | undefined => {
    out.clear()
    return writeOneKept(out, Buffer.from('{"keys":[{"customer_id":"a"}]}'), read, () => now)
      ? out.take().toString()
      : undefined
  }
  const written = (): string => {
    out.clear()
    writeHead(out, read)
    writeRows(out, { read, asked: { keys: [{ customer_id: 'a' }], request: undefined }, now }, 0, 1)
    writeTail(out)
    return out.take().toString()
  }

  await publish('one €')
  expect(copied()).toBeUndefined()
  const first = written()
  expect(first).toContain('"notes__note":"one €"')
  expect(copied()).toBe(first)
  await publish('two')
  expect(copied()).toBeUndefined()
  expect(written()).toContain('"notes__note":"two"')
  expect(copied()).toContain('"notes__note":"two"')
})
