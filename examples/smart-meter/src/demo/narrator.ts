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

  command(text: string): void {
    this.line(styleText('dim', `$ ${text}`))
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
