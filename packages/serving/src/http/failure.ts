import process from 'node:process'
import { visibleText } from '@martlet/warehouse'

/** Something that went wrong on the server. */
export interface Failure {
  /** `-` for a failure outside requests. */
  readonly requestId: string
  readonly route: string
  readonly error: unknown
}

export type OnFailure = (failure: Failure) => void

/** Prints one failure on stderr. */
export function printFailure({ requestId, route, error }: Failure): void {
  const reason = error instanceof Error ? (error.stack ?? error.message) : String(error)
  const lines = reason.split('\n').map(visibleText).join('\n')
  process.stderr.write(`martlet serving: ${route} (request ${requestId}): ${lines}\n`)
}

/** The same listener, but its own failure does not keep a request from being answered. */
export function safely(onFailure: OnFailure): OnFailure {
  return (failure) => {
    try {
      onFailure(failure)
    } catch (error) {
      process.emitWarning(`onError of serving() failed: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
}
