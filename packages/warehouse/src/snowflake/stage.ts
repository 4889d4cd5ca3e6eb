import { randomBytes } from 'node:crypto'
import { MartletError } from '../errors.ts'
import type { CompiledSql, RunOptions } from '../warehouse.ts'
import type { Session } from './session.ts'

/** A folder on the user's own stage, which every user has and which needs no DDL, and one on this machine. */
export interface StageFolder {
  /** As statements name it, such as `@~/martlet/5f3a90c1d2e4/`. */
  readonly place: string
  readonly local: string
}

/** Gives `work` a new folder of the stage, and removes it with all its files however it ends. */
export async function withStageFolder<T>(local: string, remove: (statement: CompiledSql) => Promise<unknown>, work: (folder: StageFolder) => Promise<T>): Promise<T> {
  const place = `@~/martlet/${randomBytes(12).toString('hex')}/`
  try {
    return await work({ place, local })
  } finally {
    // What was loaded or read is right even if files stay: they are under martlet/ on the user's stage.
    await remove({ sql: `REMOVE ${place}`, parameters: [] }).catch(() => undefined)
  }
}

/** Uploads the Parquet files of the local folder. Errors: `STAGE_PUT_FAILED`. */
export async function putFiles(session: Session, { place, local }: StageFolder, options: RunOptions = {}): Promise<void> {
  const files = `${local.replaceAll('\\', '/')}/*.parquet`
  const statement = `PUT ${fileUri(files)} ${place} AUTO_COMPRESS = FALSE OVERWRITE = TRUE`
  await session.run({ sql: statement, parameters: [] }, options).catch((cause: unknown) => {
    throw transferFailed('STAGE_PUT_FAILED', `${files} could not be uploaded to ${place}`, { file: files, stage: place }, cause)
  })
}

/** Downloads all files of the stage's folder. Errors: `STAGE_GET_FAILED`. */
export async function getFiles(session: Session, { place, local }: StageFolder, options: RunOptions = {}): Promise<void> {
  const statement = `GET ${place} ${fileUri(`${local.replaceAll('\\', '/')}/`)}`
  await session.run({ sql: statement, parameters: [] }, options).catch((cause: unknown) => {
    throw transferFailed('STAGE_GET_FAILED', `${place} could not be downloaded to ${local}`, { file: local, stage: place }, cause)
  })
}

function fileUri(path: string): string {
  return `'file://${path.startsWith('/') ? '' : '/'}${path.replaceAll("'", "''")}'`
}

// Only what the SDK could not do gets another code; a cancel or a lost session stays one. Signed addresses are secrets.
function transferFailed(code: string, what: string, data: Readonly<Record<string, unknown>>, cause: unknown): unknown {
  if (!(cause instanceof MartletError) || cause.code !== 'SQL_FAILED') return cause
  const why = cause.message.replaceAll(/\b[a-z0-9]+:\/\/[^\s'"]*/gi, '(address)').slice(0, 500)
  return new MartletError(code, `${what}: ${why}. Check the free space, the network and what the user may do with its stage; nothing was written.`, { data })
}
