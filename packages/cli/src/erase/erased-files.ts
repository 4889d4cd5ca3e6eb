import { createHash } from 'node:crypto'
import { createReadStream, globSync, statSync } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { resolve } from 'node:path'
import { keyBatch, type ErasedKeys, type ErasedPlace } from '@martlet/feature-store'
import type { JsonValue, Registry } from '@martlet/registry'
import { filterParquet, MartletError } from '@martlet/warehouse'

/**
 * The Parquet files that patterns name; a file of exactly that name wins over what it would match.
 * @throws MartletError USAGE when a pattern names no file, or one that is not Parquet
 */
export function parquetFiles(patterns: readonly string[]): readonly string[] {
  return [
    ...new Set(
      patterns.flatMap((pattern) => {
        const files = isFile(resolve(pattern))
          ? [resolve(pattern)]
          : globSync(pattern)
              .map((file) => resolve(file))
              .toSorted()
        if (files.length === 0)
          throw new MartletError('USAGE', `--files ${pattern} names no file. Check the path; nothing was erased.`, {
            data: { pattern },
          })
        const other = files.find((file) => !/\.parquet$/i.test(file))
        if (other !== undefined)
          throw new MartletError(
            'USAGE',
            `--files ${other} is not a Parquet file. Only those can be rewritten; nothing was erased.`,
            { data: { file: other } },
          )
        return files
      }),
    ),
  ]
}

/**
 * Rewrites Parquet files without the rows of the keys. Model versions that name the SHA-256 of a file first record that of the
 * new one.
 */
export async function eraseFromFiles(
  files: readonly string[],
  keys: ErasedKeys,
  registry: Registry,
  dryRun: boolean,
): Promise<readonly ErasedPlace[]> {
  const removed: ErasedPlace[] = []
  for (const file of files) {
    await using filtered = await filterParquet(file, keyBatch(keys), keys.entity.keys)
    const { rowsBefore, rowsAfter } = filtered
    if (rowsBefore === rowsAfter) continue
    removed.push({ kind: 'training set', place: file, rows: rowsBefore - rowsAfter })
    if (dryRun) continue
    const before = await fileSha256(file)
    const note = { file, sha256Before: before, sha256After: await fileSha256(filtered.path), rowsBefore, rowsAfter }
    await registry.noteTrainingSet({
      note,
      matches: (trainingSet: JsonValue) => JSON.stringify(trainingSet).includes(before),
    })
    await filtered.replace()
  }
  return removed
}

async function fileSha256(file: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return hash.digest('hex')
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true
}
