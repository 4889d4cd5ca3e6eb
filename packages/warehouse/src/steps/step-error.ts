import { MartletError } from '../errors.ts'

type StepCode = 'BAD_STEP' | 'STEP_BUSY' | 'STEP_EMPTY' | 'STEP_MISFIT' | 'STEP_QUERY_FAILED' | 'TABLE_NOT_FOUND'

/** An error of a load or a snapshot, which its message and its data name. */
export function stepError(
  code: StepCode,
  { kind, name }: StepName,
  what: string,
  data: Readonly<Record<string, unknown>> = {},
  cause?: unknown,
): MartletError {
  return new MartletError(code, `${kind} ${name}: ${what}`, {
    data: { [kind]: name, ...data },
    ...(cause === undefined ? {} : { cause }),
  })
}

/** What a step is called. */
export interface StepName {
  readonly kind: 'load' | 'snapshot'
  readonly name: string
}
