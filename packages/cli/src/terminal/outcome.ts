/** 0 ok · 1 failed, or drift · 2 warnings · 3 could not evaluate · 64 wrong usage · 130 interrupted. */
export type ExitCode = 0 | 1 | 2 | 3 | 64 | 130

/** What a command has to say. */
export interface Outcome {
  readonly exitCode: ExitCode
  /** The answer for machines: the JSON document apart from `ok`, `command` and `exitCode`. */
  readonly data: Readonly<Record<string, unknown>>
  /** The answer for people. */
  readonly text: string
  /** Work that continues after the answer is printed, such as serving. */
  readonly continues?: () => Promise<void>
}
