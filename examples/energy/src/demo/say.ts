import process from 'node:process'
import { styleText } from 'node:util'

/** Tells a person what happens, one numbered step at a time, with the seconds each took. */
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

  /** Rows of cells under a head; numbers are given as text and stand right. */
  table(head: readonly string[], rows: readonly (readonly string[])[]): void {
    const widths = head.map((cell, i) => Math.max(cell.length, ...rows.map((row) => row[i]?.length ?? 0)))
    const print = (row: readonly string[]): string =>
      row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  ')
    this.line(styleText('dim', print(head)))
    for (const row of rows) this.line(print(row))
  }

  /** Closes the last step and returns the seconds of the whole run. */
  end(): number {
    this.#finish()
    return (performance.now() - this.#start) / 1000
  }

  #finish(): void {
    if (this.#step > 0) this.line(styleText('dim', `${((performance.now() - this.#since) / 1000).toFixed(1)} s`))
  }
}

export function count(value: number | bigint): string {
  return value.toLocaleString('en')
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}

export function kwh(value: number): string {
  return value.toLocaleString('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 })
}
