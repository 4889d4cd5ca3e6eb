import { accessSync, constants, mkdirSync } from 'node:fs'
import { MartletError } from '@martlet/warehouse'

/**
 * Makes a folder if it is missing, for this user only unless a mode is given; `setting` is what names it.
 * @throws MartletError PLACE_UNWRITABLE when it cannot be made, read or written
 */
export function prepareFolder(folder: string, setting: string, mode = 0o700): void {
  try {
    mkdirSync(folder, { recursive: true, mode })
    accessSync(folder, constants.R_OK | constants.W_OK)
  } catch (cause) {
    const why = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause)
    const where = setting.startsWith('--') ? setting : `${setting} in martlet.config.ts`
    throw new MartletError(
      'PLACE_UNWRITABLE',
      `The folder ${folder} cannot be made or written (${why}). Correct ${where}, or the permissions of that folder.`,
      { data: { folder, key: setting }, cause },
    )
  }
}
