import { MartletError } from '../errors.ts'

/** Where a statement begins. */
export interface Place {
  readonly file: string
  readonly line: number
}

export function deployError(
  code: string,
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
