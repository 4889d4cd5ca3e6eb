import process from 'node:process'
import { styleText } from 'node:util'

/** Prints what happens in numbered steps, with the seconds that each took. */
export class Narrator {
  readonly #start = performance.now()
  #step = 0
  #since = performance.now()

  step(title: string): void {
    this.#finish()
    this.#step += 1
    process.stdout.write(`\n${styleText('bold', `${this.#step}. ${title}`)}\n`)
    this.#since = performance.now()
  }

  line(text: string): void {
    process.stdout.write(`   ${text}\n`)
  }

  /** Rows of cells under a head; all columns but the first are aligned right. */
  table(head: readonly string[], rows: readonly (readonly string[])[]): void {
    const widths = head.map((cell, i) => Math.max(cell.length, ...rows.map((row) => row[i]?.length ?? 0)))
    const print = (row: readonly string[]): string =>
      row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  ')
    this.line(styleText('dim', print(head)))
    for (const row of rows) this.line(print(row))
  }

  /** Ends the last step and returns the seconds of the whole run. */
  end(): number {
    this.#finish()
    return (performance.now() - this.#start) / 1000
  }

  #finish(): void {
    if (this.#step > 0) this.line(styleText('dim', `${((performance.now() - this.#since) / 1000).toFixed(1)} s`))
  }
}
