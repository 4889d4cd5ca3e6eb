/**
 * A growing buffer that is written from the start again and again; what was read out of it must be copied before
 * that.
 */
export class ByteWriter {
  bytes: Buffer<ArrayBuffer>
  view: DataView<ArrayBuffer>
  length = 0

  constructor(capacity = 1024) {
    this.bytes = Buffer.from(new ArrayBuffer(capacity))
    this.view = new DataView(this.bytes.buffer)
  }

  /** Makes room for `count` more bytes. */
  reserve(count: number): void {
    const needed = this.length + count
    if (needed <= this.bytes.length) return
    const grown = Buffer.from(new ArrayBuffer(Math.max(needed, this.bytes.length * 2)))
    grown.set(this.bytes.subarray(0, this.length))
    this.bytes = grown
    this.view = new DataView(grown.buffer)
  }

  /** Appends text as UTF-8. */
  text(text: string): void {
    const length = text.length
    this.reserve(length * 3)
    const { bytes } = this
    const start = this.length
    if (length < 48) {
      let index = 0
      for (; index < length; index++) {
        const code = text.charCodeAt(index)
        if (code >= 0x80) break
        bytes[start + index] = code
      }
      if (index === length) {
        this.length = start + length
        return
      }
    }
    this.length = start + bytes.write(text, start, 'utf8')
  }

  /** Appends bytes. */
  append(source: Uint8Array): void {
    this.reserve(source.length)
    this.bytes.set(source, this.length)
    this.length += source.length
  }
}
