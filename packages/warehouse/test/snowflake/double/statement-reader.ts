import { closing, isSymbol, isWord, Refused, tokenize } from './tokens.ts'
import type { Token } from './tokens.ts'

/** Reads a statement from left to right; what is not expected is refused by name. */
export class StatementReader {
  readonly tokens: readonly Token[]
  #at = 0

  constructor(sql: string) {
    // A body between dollar signs is a string.
    this.tokens = tokenize(
      sql.replaceAll(
        /\$\$([\s\S]*?)\$\$/g,
        (_, body: string) => `'${body.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`,
      ),
    )
  }

  get next(): Token | undefined {
    return this.tokens[this.#at]
  }

  get ended(): boolean {
    return this.#at >= this.tokens.length
  }

  /** Whether the next words are these; then they are read. */
  takes(words: string): boolean {
    const list = words.split(' ')
    if (!list.every((word, index) => isWord(this.tokens[this.#at + index], word))) return false
    this.#at += list.length
    return true
  }

  takesSymbol(symbol: string): boolean {
    if (!isSymbol(this.next, symbol)) return false
    this.#at++
    return true
  }

  expect(words: string): void {
    if (!this.takes(words)) throw this.refused(words)
  }

  expectSymbol(symbol: string): void {
    if (!this.takesSymbol(symbol)) throw this.refused(symbol)
  }

  one(kind: Token['kind'], what: string): string {
    const { next } = this
    if (next?.kind !== kind) throw this.refused(what)
    this.#at++
    return next.text
  }

  /** A word of a list, where the longest is looked for first. */
  oneOf(words: readonly string[], what: string): string {
    const found = words.toSorted((a, b) => b.length - a.length).find((word) => this.takes(word))
    if (found === undefined) throw this.refused(what)
    return found
  }

  /** A name of up to three parts. */
  name(): string {
    const parts: string[] = []
    do {
      const { next } = this
      if (next?.kind !== 'word' && next?.kind !== 'quoted') throw this.refused('a name')
      parts.push(next.text)
      this.#at++
    } while (this.takesSymbol('.'))
    return parts.join('.')
  }

  /** What stands in the parentheses that open here. */
  group(): readonly Token[] {
    if (!isSymbol(this.next, '(')) throw this.refused('(')
    const end = closing(this.tokens, this.#at)
    const inner = this.tokens.slice(this.#at + 1, end)
    this.#at = end + 1
    return inner
  }

  rest(): readonly Token[] {
    const rest = this.tokens.slice(this.#at)
    this.#at = this.tokens.length
    return rest
  }

  end(): void {
    if (!this.ended)
      throw new Refused(
        `${JSON.stringify(this.next?.text)} at the end of ${this.tokens
          .slice(0, 4)
          .map(({ text }) => text)
          .join(' ')}`,
      )
  }

  refused(wanted: string): Refused {
    return new Refused(
      `${JSON.stringify(this.next?.text ?? 'the end')} in ${this.tokens
        .slice(0, 4)
        .map(({ text }) => text)
        .join(' ')}, where ${wanted} is expected`,
    )
  }
}
