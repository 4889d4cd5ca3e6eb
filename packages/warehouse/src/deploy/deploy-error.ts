import { MartletError } from '../errors.ts'

/** Where a statement begins. */
export interface Place {
  readonly file: string
  readonly line: number
}

type DeployCode =
  | 'DEPLOY_FAILED'
  | 'DEPLOY_NOT_IDEMPOTENT'
  | 'DEPLOY_REFUSED'
  | 'DEPLOY_TWICE'
  | 'DEPLOY_UNKNOWN_STATEMENT'
  | 'DEPLOY_UNREADABLE'
  | 'DEPLOY_VARIABLE'

export function deployError(
  code: DeployCode,
  { file, line }: Place,
  what: string,
  advice: string,
  cause?: unknown,
): MartletError {
  return new MartletError(code, `${file}, line ${line}: ${what}. ${advice}.`, {
    data: { file, line },
    ...(cause === undefined ? {} : { cause }),
  })
}
