import { glob, readdir, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { MartletError } from '@martlet/warehouse'

export type FollowedFormat = 'json lines' | 'csv' | 'parquet'

/** A file with events. */
export interface FollowedFile {
  readonly path: string
  readonly format: FollowedFormat
  readonly gzip: boolean
  readonly size: number
  /** When it was last written, milliseconds since the epoch. */
  readonly modified: number
}

const FORMATS: readonly (readonly [suffix: RegExp, format: FollowedFormat])[] = [
  [/\.(jsonl|ndjson)(\.gz)?$/i, 'json lines'],
  [/\.csv(\.gz)?$/i, 'csv'],
  [/\.parquet$/i, 'parquet'],
]

/**
 * The files of a folder and of what is in it, or those that a pattern such as `incoming/*.jsonl` matches, by name. Hidden files
 * are left out, and so is what is named like nothing that events are written in.
 * @throws MartletError FILE_NOT_FOUND when there is no such folder or file
 */
export async function followedFiles(from: string): Promise<readonly FollowedFile[]> {
  const found = await stat(from).catch(() => undefined)
  if (found === undefined && !/[*?[{]/.test(from))
    throw new MartletError('FILE_NOT_FOUND', `There is no file or folder at ${from}. Check the path.`, {
      data: { path: from },
    })
  const paths: string[] = []
  if (found?.isDirectory() === true) {
    for (const entry of await readdir(from, { recursive: true, withFileTypes: true }))
      if (entry.isFile()) paths.push(join(entry.parentPath, entry.name))
  } else if (found === undefined) for await (const path of glob(from)) paths.push(path)
  else paths.push(from)
  const files = await Promise.all(paths.filter((path) => !/(^|[/\\])[._][^/\\]*$/.test(path)).map(fileAt))
  return files.filter((file) => file !== undefined).toSorted((a, b) => (a.path < b.path ? -1 : 1))
}

async function fileAt(path: string): Promise<FollowedFile | undefined> {
  const format = FORMATS.find(([suffix]) => suffix.test(path))?.[1]
  const found = await stat(path).catch(() => undefined)
  if (format === undefined || found?.isFile() !== true) return undefined
  return {
    path: resolve(path),
    format,
    gzip: path.toLowerCase().endsWith('.gz'),
    size: found.size,
    modified: found.mtimeMs,
  }
}
