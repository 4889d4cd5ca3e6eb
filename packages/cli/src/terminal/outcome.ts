/** 0 ok · 1 failed, or drift · 2 warnings · 3 could not evaluate · 64 wrong usage · 130 interrupted. */
export type ExitCode = 0 | 1 | 2 | 3 | 64 | 130

/** What a command has to say. */
export interface Outcome {
  readonly exitCode: ExitCode
  /** The answer for machines: the JSON document besides `ok` and `command`. */
  readonly data: Readonly<Record<string, unknown>>
  /** The answer for people. */
  readonly text: string
  /** Work that goes on after the answer was printed, such as serving. */
  readonly goOn?: () => Promise<void>
}
