import { escapeText, type Markup } from '../markup.ts'

/** A name that a narrow column may break after its underscores and dots rather than inside a word. */
export function breakable(name: string): Markup {
  return { markup: escapeText(name).replaceAll(/(?<=[a-z\d])(_+|\.)(?=[a-z\d])/gi, '$1<wbr/>') }
}
