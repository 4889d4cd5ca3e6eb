import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDuckDb, sql, writeParquet } from '@martlet/warehouse'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { keysOfFile, keysOfText, type KeyedEntity } from '../../src/erase/read-keys.ts'

const customer: KeyedEntity = { name: 'customer', keys: [{ name: 'customer_id', type: 'text' }] }
const meter: KeyedEntity = {
  name: 'meter',
  keys: [
    { name: 'site', type: 'bigint' },
    { name: 'meter', type: 'text' },
  ],
}
const dated: KeyedEntity = {
  name: 'dated',
  keys: [
    { name: 'day', type: 'date' },
    { name: 'at', type: 'timestamp' },
    { name: 'on', type: 'boolean' },
    { name: 'x', type: 'double' },
  ],
}

describe('keys on the command line', () => {
  it('are values of one column, or JSON', () => {
    expect(keysOfText('c1, 02,c1', customer)).toEqual([
      { customer_id: 'c1' },
      { customer_id: '02' },
      { customer_id: 'c1' },
    ])
    expect(keysOfText('["a,b", " c "]', customer)).toEqual([{ customer_id: 'a,b' }, { customer_id: ' c ' }])
    expect(
      keysOfText('[{"meter": "a", "site": 9007199254740993, "more": 1}, {"site": "7", "meter": ""}]', meter),
    ).toEqual([
      { site: 9007199254740993n, meter: 'a' },
      { site: 7n, meter: '' },
    ])
    expect(keysOfText('{"day":"2024-02-29","at":"2024-01-01T00:00:00Z","on":true,"x":0.5}', dated)).toEqual([
      { day: '2024-02-29', at: '2024-01-01T00:00:00Z', on: true, x: 0.5 },
    ])
  })

  it('keep all digits of decimals that doubles cannot tell apart', () => {
    const account: KeyedEntity = { name: 'account', keys: [{ name: 'iban_no', type: { decimal: [22, 2] } }] }
    expect(keysOfText('9007199254740993.25,-1', account)).toEqual([
      { iban_no: '9007199254740993.25' },
      { iban_no: '-1' },
    ])
    expect(keysOfText('[9007199254740993, "12345678901234567890.5"]', account)).toEqual([
      { iban_no: '9007199254740993' },
      { iban_no: '12345678901234567890.5' },
    ])
    const narrow: KeyedEntity = { name: 'account', keys: [{ name: 'no', type: { decimal: [12, 2] } }] }
    expect(keysOfText('1.50', narrow)).toEqual([{ no: 1.5 }])
  })

  it('are refused by place, without the value', () => {
    const refused = (text: string, entity: KeyedEntity): unknown => {
      try {
        return keysOfText(text, entity)
      } catch (error) {
        return error
      }
    }
    for (const [text, entity, says] of [
      ['secret1,secret2', meter, 'site, meter'],
      ['[{"site": "secret1", "meter": "a"}]', meter, 'key 1: site is not a value of type bigint'],
      ['[{"site": 1}]', meter, 'key 1: meter is missing'],
      ['["x", {"secret1": 1}]', customer, 'key 2: customer_id is missing'],
      ['[secret1', customer, 'not valid JSON'],
      ['[1.5]', customer, 'key 1: customer_id'],
    ] as const) {
      const error = refused(text, entity)
      expect(error).toMatchObject({ code: 'USAGE', message: expect.stringContaining(says) })
      expect(JSON.stringify(error) + String(error)).not.toContain('secret')
    }
  })
})

describe('keys in a file', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'martlet-keys-'))
  })
  afterAll(() => rm(folder, { recursive: true }))
  const file = async (name: string, text: string): Promise<string> => {
    await writeFile(join(folder, name), text)
    return join(folder, name)
  }

  it('have the key columns among others, in CSV, JSON, JSON lines and Parquet', async () => {
    const expected = [
      { site: 9007199254740993n, meter: '007' },
      { site: 8n, meter: 'a "b",c' },
    ]
    expect(
      await keysOfFile(await file('a.csv', 'who,meter,site\nx,007,9007199254740993\ny,"a ""b"",c",8\n'), meter),
    ).toEqual(expected)
    expect(
      await keysOfFile(
        await file(
          'a.json',
          String.raw`[{"site": 9007199254740993, "meter": "007"}, {"meter": "a \"b\",c", "site": 8}]`,
        ),
        meter,
      ),
    ).toEqual(expected)
    expect(
      await keysOfFile(
        await file('a.jsonl', '{"site": 9007199254740993, "meter": "007"}\n{"meter": "a \\"b\\",c", "site": 8}\n'),
        meter,
      ),
    ).toEqual(expected)
    await using warehouse = await openDuckDb()
    await writeParquet(
      warehouse,
      sql`SELECT 'x' AS who, * FROM (VALUES (9007199254740993, '007'), (8, 'a "b",c')) k(site, meter)`,
      join(folder, 'a.parquet'),
    )
    expect(await keysOfFile(join(folder, 'a.parquet'), meter)).toEqual(expected)
  })

  it('are refused by row and column, without the value', async () => {
    for (const path of [
      await file('bad.csv', 'site,meter\n1,a\nsecret,b\n'),
      await file('less.csv', 'site\n1\n'),
      await file('null.csv', 'site,meter\n,secret\n'),
      await file('bad.json', '[{"site":"secret","meter":"a"}]'),
      join(folder, 'none.csv'),
      join(folder, 'none.json'),
    ]) {
      const error: unknown = await keysOfFile(path, meter).catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({ code: 'USAGE' })
      expect(String(error)).not.toContain('secret')
    }
    await expect(keysOfFile(await file('bad.csv', 'site,meter\n1,a\nsecret,b\n'), meter)).rejects.toThrow(
      /row 2.*column site|column site.*row 2/,
    )
  })
})
