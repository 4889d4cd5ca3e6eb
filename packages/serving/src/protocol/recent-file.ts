/** The file that was asked for last, which is read and verified once for all of its parts. */
export interface RecentFile {
  get(sha256: string, read: () => Promise<Uint8Array>): Promise<Uint8Array<ArrayBuffer>>
}

/** How long it stays in memory after it was last asked for. */
const KEPT_MS = 10_000

export function recentFile(): RecentFile {
  let recent: { readonly sha256: string; readonly bytes: Promise<Uint8Array<ArrayBuffer>> } | undefined
  let timer: NodeJS.Timeout | undefined
  const forget = (): void => {
    recent = undefined
  }
  return {
    async get(sha256, read) {
      if (recent?.sha256 !== sha256) recent = { sha256, bytes: read().then(plain) }
      const { bytes } = recent
      clearTimeout(timer)
      timer = setTimeout(forget, KEPT_MS)
      timer.unref()
      try {
        return await bytes
      } catch (error) {
        if (recent?.bytes === bytes) forget()
        throw error
      }
    },
  }
}

/** The same bytes; copied only when they are in shared memory, which cannot be sent. */
function plain({ buffer, byteOffset, byteLength }: Uint8Array): Uint8Array<ArrayBuffer> {
  const view = new Uint8Array(buffer, byteOffset, byteLength)
  return buffer instanceof ArrayBuffer ? new Uint8Array(buffer, byteOffset, byteLength) : Uint8Array.from(view)
}
