const MIB = 2 ** 20

/** What a model may use in a process of its own. */
export interface IsolationLimits {
  /** Starting the process and opening the model, milliseconds. @default 30000 */
  readonly openMs: number
  /** One run, from its start and without the time that it waits, milliseconds. @default 10000 */
  readonly runMs: number
  /** Memory beyond what the process needs without a model, bytes. @default 512 MiB plus eight times the size of the file */
  readonly memoryBytes: number
  /** The outputs of one run, which the caller's process receives, bytes. @default 64 MiB */
  readonly outputBytes: number
  /** Runs of one model that may wait for earlier ones; more fail with `MODEL_BUSY`. @default 64 */
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
