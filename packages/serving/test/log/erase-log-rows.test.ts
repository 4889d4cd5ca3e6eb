import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { gunzipSync, gzipSync } from 'node:zlib'
import { erasedKeys, keyMentions } from '@martlet/feature-store'
import { describe, expect, test } from 'vitest'
import { eraseLogRows } from '../../src/index.ts'
import { safeName } from '../../src/log/log-file.ts'
import { backing, temporaryFolder } from '../support/backing.ts'
import { post } from '../support/serve.ts'

const mentions = keyMentions(
  erasedKeys({ name: 'customer', keys: [{ name: 'customer_id', type: 'text' }] }, [{ customer_id: 'a' }]),
)
const line = (keys: object, service = 'card'): string =>
  `${JSON.stringify({ requestId: 'r', service, keys, values: { a: 'a' }, prediction: { y: 1 } })}\n`

async function logFolder(files: Readonly<Record<string, string | Buffer>>): Promise<string> {
  const folder = join(await temporaryFolder(), 'log')
  await mkdir(join(folder, 'model', '2026-01-01'), { recursive: true })
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, 'model', '2026-01-01', name), text)
  return folder
}
const at = (folder: string, name: string): string => join(folder, 'model', '2026-01-01', name)

describe('predictions for a key', () => {
  test('do not exist in a missing folder; a folder that cannot be read is an error', async () => {
    const folder = await temporaryFolder()
    expect(await eraseLogRows(join(folder, 'none'), { mentions, dryRun: true })).toEqual({ removed: [], unreached: [] })
    await writeFile(join(folder, 'log'), '')
    await expect(eraseLogRows(join(folder, 'log'), { mentions, dryRun: true })).rejects.toMatchObject({
      code: 'ENOTDIR',
    })
  })

  test('go from finished files, plain and gzipped; the other lines stay to the byte', async () => {
    const kept = `${line({ customer_id: 'b' })}${line({ customer_id: 'aa' })}${line({ customer_id: null })}`
    const folder = await logFolder({
      'x.jsonl': `${line({ customer_id: 'a' })}${kept}${line({ customer_id: 'a', product: 7 })}`,
      'y.jsonl.gz': gzipSync(kept + line({ customer_id: 'a' })),
      'z.jsonl': kept,
      'notes.txt': 'a',
    })
    const expected = {
      unreached: [],
      removed: [
        { kind: 'predictions', place: at(folder, 'x.jsonl'), rows: 2 },
        { kind: 'predictions', place: at(folder, 'y.jsonl.gz'), rows: 1 },
      ],
    }
    expect(await eraseLogRows(folder, { mentions, dryRun: true })).toEqual(expected)
    expect(await eraseLogRows(folder, { mentions })).toEqual(expected)
    expect(await readFile(at(folder, 'x.jsonl'), 'utf8')).toBe(kept)
    expect(gunzipSync(await readFile(at(folder, 'y.jsonl.gz'))).toString()).toBe(kept)
    expect(await eraseLogRows(folder, { mentions })).toEqual({ removed: [], unreached: [] })
    expect((await readdir(join(folder, 'model', '2026-01-01'))).toSorted()).toEqual([
      'notes.txt',
      'x.jsonl',
      'y.jsonl.gz',
      'z.jsonl',
    ])
  })

  test('are those of services that are about the entity', async () => {
    const folder = await logFolder({ 'x.jsonl': line({ customer_id: 'a' }, 'sites') + line({ customer_id: 'a' }) })
    expect(await eraseLogRows(folder, { mentions, isAbout: (service) => service !== 'sites' })).toMatchObject({
      removed: [{ rows: 1 }],
    })
    expect(await readFile(at(folder, 'x.jsonl'), 'utf8')).toBe(line({ customer_id: 'a' }, 'sites'))
  })

  test('with whole numbers beyond 2^53 are distinguished', async () => {
    const wide = keyMentions(
      erasedKeys({ name: 'meter', keys: [{ name: 'meter', type: 'bigint' }] }, [{ meter: 9_007_199_254_740_993n }]),
    )
    const text =
      '{"keys":{"meter":9007199254740993}}\n{"keys":{"meter":9007199254740992}}\n{"keys":{"meter":"9007199254740993"}}\n'
    const folder = await logFolder({ 'x.jsonl': text })
    expect(await eraseLogRows(folder, { mentions: wide })).toMatchObject({ removed: [{ rows: 2 }] })
    expect(await readFile(at(folder, 'x.jsonl'), 'utf8')).toBe('{"keys":{"meter":9007199254740992}}\n')
  })

  test('that a running server still writes are listed and left; files of a dead server are finished first', async () => {
    const alive = `010000000-${safeName(hostname())}-${process.ppid}-0.jsonl.open`
    const dead = `010000000-${safeName(hostname())}-2147483646-0.jsonl.open`
    const folder = await logFolder({
      [alive]: line({ customer_id: 'a' }),
      [dead]: `${line({ customer_id: 'a' })}${line({ customer_id: 'b' })}{"keys":{"cust`,
    })
    const { removed, unreached } = await eraseLogRows(folder, { mentions })
    expect(removed).toEqual([{ kind: 'predictions', place: at(folder, dead.slice(0, -'.open'.length)), rows: 1 }])
    expect(unreached).toEqual([expect.stringContaining(`${alive}: 1 lines in a file that is being written`)])
    expect(await readFile(at(folder, dead.slice(0, -'.open'.length)), 'utf8')).toBe(line({ customer_id: 'b' }))
  })

  test('of several workers: finished ones go, those of a killed worker too, those of one that runs are listed', async () => {
    const host = safeName(hostname())
    const both = line({ customer_id: 'a' }) + line({ customer_id: 'b' })
    const finished = `020000000-${host}-${process.ppid}-0-w1.jsonl`
    const killed = `020000000-${host}-2147483646-0-w12.jsonl`
    const running = `020000000-${host}-${process.ppid}-1-w2.jsonl.open`
    const folder = await logFolder({ [finished]: both, [`${killed}.open`]: `${both}{"keys"`, [running]: both })
    const { removed, unreached } = await eraseLogRows(folder, { mentions })
    const places = [finished, killed].map((name) => at(folder, name)).toSorted()
    expect(removed).toEqual(places.map((place) => ({ kind: 'predictions', place, rows: 1 })))
    expect(unreached).toEqual([expect.stringContaining(`${running}: 1 lines in a file that is being written`)])
    for (const place of places) expect(await readFile(place, 'utf8')).toBe(line({ customer_id: 'b' }))
  })

  test('are removed along with the leftovers of a killed erasure', async () => {
    const folder = await logFolder({
      'x.jsonl': line({ customer_id: 'b' }),
      'x.jsonl.2147483646.erasing': line({ customer_id: 'a' }),
    })
    await eraseLogRows(folder, { mentions })
    expect(await readdir(join(folder, 'model', '2026-01-01'))).toEqual(['x.jsonl'])
  })

  test('a missing folder has none', async () => {
    expect(await eraseLogRows(join(await temporaryFolder(), 'no'), { mentions })).toEqual({
      removed: [],
      unreached: [],
    })
  })
})

test('what a server has logged is found', async () => {
  const { folder, register, promote, serve } = await backing()
  await promote(await register(0.5))
  const app = serve({ log: { folder: join(folder, 'log') } })
  await post(app, '/v1/models/usage_model/predict', { keys: [{ customer_id: 'a' }, { customer_id: 'nobody' }] })
  await app.close()
  expect(await eraseLogRows(join(folder, 'log'), { mentions })).toMatchObject({
    removed: [{ kind: 'predictions', rows: 1 }],
    unreached: [],
  })
})
