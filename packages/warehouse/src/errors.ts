/** What went wrong, where, and what to do about it. `code` is stable and safe to match on; `data` never holds secrets. */
export class MartletError extends Error {
  override readonly name: string = 'MartletError'
  readonly code: string
  readonly data: Readonly<Record<string, unknown>>

  constructor(
    code: string,
    message: string,
    options: { readonly data?: Readonly<Record<string, unknown>>; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.data = options.data ?? {}
  }
}
