const MIB = 2 ** 20

/** What a model may use in a process of its own. */
export interface IsolationLimits {
  /** Starting the process and opening the model, milliseconds. @default 30000 */
  readonly openMs: number
  /** One run, counted from when it starts and not while it waits, milliseconds. @default 10000 */
  readonly runMs: number
  /** Memory beyond what the process takes without a model, bytes. @default 512 MiB and eight times the size of the file */
  readonly memoryBytes: number
  /** What one run may answer, bytes: the caller's process receives it. @default 64 MiB */
  readonly outputBytes: number
  /** Runs of one model that may wait for those before them; more reject with `MODEL_BUSY`. @default 64 */
  readonly waiting: number
}

/** The limits of a model file of this many bytes. */
export function limitsOf(fileBytes: number, given: Partial<IsolationLimits> = {}): IsolationLimits {
  return {
    openMs: given.openMs ?? 30_000,
    runMs: given.runMs ?? 10_000,
    memoryBytes: given.memoryBytes ?? 512 * MIB + 8 * fileBytes,
    outputBytes: given.outputBytes ?? 64 * MIB,
    waiting: given.waiting ?? 64,
  }
}
