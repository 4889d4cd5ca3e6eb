import { create } from 'node:domain'
import type { Domain } from 'node:domain'
import type { Readable } from 'node:stream'
import type { RowStatement } from 'snowflake-sdk'

export type Row = readonly unknown[]

/**
 * The rows of a result, pulled in groups.
 *
 * A broken result chunk makes the SDK throw where nobody can catch it, which ends the process, or never call back. So it runs
 * in a domain, which passes such errors on to here, and waiting has a limit.
 */
export class RowReader {
  readonly #domain: Domain
  readonly #stream: Readable
  readonly #stallMs: number
  #ended = false
  #failure: Error | undefined
  #wake: () => void = () => undefined

  constructor(statement: RowStatement, stallMs: number) {
    this.#stallMs = stallMs
    this.#domain = create()
    this.#domain.on('error', (error) => this.fail(error))
    this.#stream = this.#domain.run(() => statement.streamRows())
    this.#domain.run(() => {
      this.#stream.on('error', (error) => this.fail(error))
      this.#stream.on('readable', () => this.#wake())
      this.#stream.on('end', () => {
        this.#ended = true
        this.#wake()
      })
    })
  }

  /** Up to `limit` rows, at least one; null at the end. Rejects when none arrived for too long. */
  async pull(limit: number): Promise<readonly Row[] | null> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure
      const rows = this.#domain.run(() => this.#buffered(limit))
      if (rows.length > 0) return rows
      if (this.#ended) return null
      await this.#news()
    }
  }

  fail(error: Error): void {
    this.#failure ??= error
    this.#stream.destroy()
    this.#wake()
  }

  /** Releases a result that is not read to its end. */
  close(): void {
    this.#stream.destroy()
  }

  #buffered(limit: number): Row[] {
    const rows: Row[] = []
    while (rows.length < limit) {
      const row: unknown = this.#stream.read()
      if (!Array.isArray(row)) break
      rows.push(row)
    }
    return rows
  }

  #news(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.fail(new Stalled()), this.#stallMs)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}

/** No rows arrived for too long. */
export class Stalled extends Error {}
