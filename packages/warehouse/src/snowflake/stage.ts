import { randomBytes } from 'node:crypto'
import { MartletError } from '../errors.ts'
import type { CompiledSql, RunOptions } from '../warehouse.ts'
import type { Session } from './session.ts'

/** A folder on the user's own stage, which every user has without any DDL, and one on this machine. */
export interface StageFolder {
  /** Its name in statements, such as `@~/martlet/5f3a90c1d2e4/`. */
  readonly place: string
  readonly local: string
}

/** Calls `work` with a new folder of the stage, and afterwards removes it with all its files, whatever happens. */
export async function withStageFolder<T>(
  local: string,
  remove: (statement: CompiledSql) => Promise<unknown>,
  work: (folder: StageFolder) => Promise<T>,
): Promise<T> {
  const place = `@~/martlet/${randomBytes(12).toString('hex')}/`
  try {
    return await work({ place, local })
  } finally {
    // What was loaded or read is correct even if files remain, which are under martlet/ on the user's stage.
    await remove({ sql: removeStatement(place), parameters: [] }).catch(() => undefined)
  }
}

/**
 * Uploads the Parquet files of the local folder.
 * @throws MartletError STAGE_PUT_FAILED when the SDK cannot upload them
 */
export async function putFiles(session: Session, folder: StageFolder, options: RunOptions = {}): Promise<void> {
  await session.run({ sql: putStatement(folder), parameters: [] }, options).catch((cause: unknown) => {
    const file = parquetFiles(folder)
    throw transferFailed(
      'STAGE_PUT_FAILED',
      `${file} could not be uploaded to ${folder.place}`,
      { file, stage: folder.place },
      cause,
    )
  })
}

/**
 * Downloads all files of the stage's folder.
 * @throws MartletError STAGE_GET_FAILED when the SDK cannot download them
 */
export async function getFiles(session: Session, folder: StageFolder, options: RunOptions = {}): Promise<void> {
  await session.run({ sql: getStatement(folder), parameters: [] }, options).catch((cause: unknown) => {
    throw transferFailed(
      'STAGE_GET_FAILED',
      `${folder.place} could not be downloaded to ${folder.local}`,
      { file: folder.local, stage: folder.place },
      cause,
    )
  })
}

export function putStatement(folder: StageFolder): string {
  return `PUT ${fileUri(parquetFiles(folder))} ${folder.place} AUTO_COMPRESS = FALSE OVERWRITE = TRUE`
}

export function getStatement({ place, local }: StageFolder): string {
  return `GET ${place} ${fileUri(`${local}/`)}`
}

export function removeStatement(place: string): string {
  return `REMOVE ${place}`
}

function parquetFiles({ local }: StageFolder): string {
  return `${local}/*.parquet`
}

// Slashes on Windows too: file:///C:/temp, https://docs.snowflake.com/en/sql-reference/sql/put
function fileUri(path: string): string {
  const slashed = path.replaceAll('\\', '/')
  return `'file://${slashed.startsWith('/') ? '' : '/'}${slashed.replaceAll("'", "''")}'`
}

// Only a failure of the SDK gets another code; a cancelled statement or a lost session keeps its own. Signed addresses are secrets.
function transferFailed(
  code: 'STAGE_PUT_FAILED' | 'STAGE_GET_FAILED',
  what: string,
  data: Readonly<Record<string, unknown>>,
  cause: unknown,
): unknown {
  if (!(cause instanceof MartletError) || cause.code !== 'SQL_FAILED') return cause
  const why = cause.message.replaceAll(/\b[a-z0-9]+:\/\/[^\s'"]*/gi, '(address)').slice(0, 500)
  return new MartletError(
    code,
    `${what}: ${why}. Check the free space, the network and the user's access to its stage. Nothing was written.`,
    { data },
  )
}
