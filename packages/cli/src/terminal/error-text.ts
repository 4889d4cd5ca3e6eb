import { MartletError } from '@martlet/warehouse'
import type { ExitCode } from './outcome.ts'
import type { Paint } from './paint.ts'
import { wrapped } from './table.ts'
import { USAGE_CODES } from './usage-codes.ts'

export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'UNEXPECTED'
}

/** The exit code of a failure; `otherwise` when it is not the caller's mistake. */
export function exitCodeOf(error: unknown, otherwise: ExitCode): ExitCode {
  const code = codeOf(error)
  if (code === 'CANCELLED') return 130
  return USAGE_CODES.has(code) ? 64 : otherwise
}

/** One readable block: the code, then what is wrong, where, and what to do; causes and stacks only when asked for. */
export function errorText(
  error: unknown,
  { paint, width, verbose }: { readonly paint: Paint; readonly width: number; readonly verbose: boolean },
): string {
  const message = error instanceof Error ? error.message : String(error)
  const lines = message.split('\n').flatMap((line) => {
    const indent = /^\s*/.exec(line)?.[0] ?? ''
    return wrapped(line.slice(indent.length), Math.max(40, Math.min(width, 110) - 2 - indent.length)).map(
      (part) => `  ${indent}${part}`,
    )
  })
  const known = error instanceof MartletError
  const stopped = codeOf(error) === 'CANCELLED'
  const block = [
    `${stopped ? paint('yellow', 'stopped') : paint('red', 'error')} ${paint('dim', codeOf(error))}`,
    ...lines,
  ]
  if (verbose) block.push(...details(error).map((line) => `  ${paint('dim', line)}`))
  else if (!stopped && (!known || error.cause !== undefined))
    block.push(
      `  ${paint('dim', known ? '--verbose shows the cause.' : 'This error was not expected; --verbose shows where it happened.')}`,
    )
  return block.join('\n')
}

/** The same for machines. */
export function errorData(
  error: unknown,
  verbose: boolean,
): { readonly code: string; readonly message: string; readonly data: object; readonly details?: readonly string[] } {
  const message = error instanceof Error ? error.message : String(error)
  const data = error instanceof MartletError ? error.data : {}
  return { code: codeOf(error), message, data, ...(verbose ? { details: details(error) } : {}) }
}

function details(error: unknown): readonly string[] {
  const lines: string[] = []
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 8; at = at.cause, depth++) {
    if (depth > 0) lines.push(`caused by ${at.name}: ${at.message}`)
    lines.push(
      ...(at.stack ?? '')
        .split('\n')
        .filter((line) => /^\s+at /.test(line))
        .map((line) => line.trim()),
    )
    if (at.cause !== undefined && !(at.cause instanceof Error)) lines.push(`caused by ${JSON.stringify(at.cause)}`)
  }
  return lines
}
