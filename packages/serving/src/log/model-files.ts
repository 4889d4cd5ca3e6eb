import { openLogFile, type LogFile, type LogPlace } from './log-file.ts'

/** The open log files, one per model. */
export interface ModelFiles {
  /** Appends lines to the file of a model, which is opened or finished as needed. A failed append finishes the file, too. */
  append(model: string, lines: string): Promise<void>
  /** Finishes the files that are old enough. */
  finishOld(): Promise<void>
  finishAll(): Promise<void>
}

interface Rotation {
  /** A file is finished when it has so many bytes, */
  readonly rotateBytes: number
  /** or is so many milliseconds old. */
  readonly rotateMs: number
}

/** @param onError called when a file cannot be finished */
export function modelFiles(
  place: LogPlace,
  { rotateBytes, rotateMs }: Rotation,
  onError: (error: unknown) => void,
): ModelFiles {
  const files = new Map<string, LogFile>()

  async function fileOf(model: string): Promise<LogFile> {
    const open = files.get(model)
    if (open !== undefined) return open
    const file = await openLogFile(place, model, new Date())
    files.set(model, file)
    return file
  }

  async function finish(model: string, file: LogFile): Promise<void> {
    files.delete(model)
    try {
      await file.finish()
    } catch (error) {
      onError(error)
    }
  }

  return {
    async append(model, lines) {
      const file = await fileOf(model)
      try {
        await file.append(lines)
      } catch (error) {
        await finish(model, file)
        throw error
      }
      if (file.bytes >= rotateBytes) await finish(model, file)
    },
    async finishOld() {
      for (const [model, file] of files) if (Date.now() - file.openedAt >= rotateMs) await finish(model, file)
    },
    async finishAll() {
      for (const [model, file] of files) await finish(model, file)
    },
  }
}
