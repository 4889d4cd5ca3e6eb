import { randomBytes } from 'node:crypto'
import { chmodSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { MartletError } from '@martlet/warehouse'

/**
 * Writes a file that others may be reading: they see the one before or the new one, whole. A file that is there keeps its
 * mode.
 *
 * @throws MartletError PLACE_UNWRITABLE when it cannot be written
 */
export function writeWhole(file: string, text: string, mode: number): void {
  const unfinished = `${file}.${randomBytes(4).toString('hex')}.new`
  try {
    const before = statSync(file, { throwIfNoEntry: false })
    writeFileSync(unfinished, text, { mode })
    if (before !== undefined) chmodSync(unfinished, before.mode & 0o777)
    renameSync(unfinished, file)
  } catch (cause) {
    rmSync(unfinished, { force: true })
    const why = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause)
    throw new MartletError(
      'PLACE_UNWRITABLE',
      `The file ${file} cannot be written (${why}). Correct its permissions, or move what is in its place.`,
      { data: { file }, cause },
    )
  }
}
