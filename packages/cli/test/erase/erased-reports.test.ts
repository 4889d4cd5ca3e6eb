import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { eraseReports } from '../../src/erase/erased-reports.ts'

const names = (text: string): boolean => text.includes('anna')
const mentions = {
  isKey: () => false,
  isValue: () => false,
  inExample: names,
  inText: names,
  without: (text: string) => text,
}

test('reports are none in a folder that is not there, and an error where the folder cannot be read', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'martlet-reports-'))
  try {
    expect(await eraseReports(join(folder, 'none'), mentions, true)).toEqual([])
    await writeFile(join(folder, 'a.html'), 'of anna')
    expect((await eraseReports(folder, mentions, true)).map(({ rows }) => rows)).toEqual([1])
    await expect(eraseReports(join(folder, 'a.html'), mentions, true)).rejects.toMatchObject({ code: 'ENOTDIR' })
  } finally {
    await rm(folder, { recursive: true })
  }
})
