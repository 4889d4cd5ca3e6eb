import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openDuckDb, sql, writeCsv } from '../../src/index.ts'
import { temporaryFolder } from '../../src/temporary-folder.ts'

test('a CSV file has a header, no quotes without need, and tells null from an empty text', async () => {
  await using folder = await temporaryFolder()
  await using warehouse = await openDuckDb()
  const query = sql`
    SELECT * FROM (VALUES
      (1, 'plain', TIMESTAMP '2024-01-02 03:04:05.000006', true),
      (2, 'a, "b"', TIMESTAMP '1969-12-31', false),
      (3, '', NULL, NULL),
      (4, NULL, NULL, NULL)) v(n, words, ts, flag)
    ORDER BY n DESC
  `
  const path = join(folder.path, 'rows.csv')
  expect(await writeCsv(warehouse, query, path)).toEqual({ rows: 4 })
  expect((await readFile(path, 'utf8')).split('\n')).toEqual([
    'n,words,ts,flag',
    '4,,,',
    '3,"",,',
    '2,"a, ""b""",1969-12-31 00:00:00,false',
    '1,plain,2024-01-02 03:04:05.000006,true',
    '',
  ])
  await expect(writeCsv(warehouse, query, folder.path)).rejects.toMatchObject({ code: 'FILE_NOT_WRITABLE' })
})
