import { randomBytes } from 'node:crypto'
import process from 'node:process'
import { styleText } from 'node:util'
import { visibleText } from '@martlet/warehouse/visible-text'

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan'

/** Colours text, or leaves it as it is where colours are not wanted. */
export type Paint = (style: Style, text: string) => string

// Colours are added when the text is printed. Until then they are marks that no name or value can contain, so that escape
// sequences in those are shown as text.
const secret = randomBytes(8).toString('hex')
const STYLES: readonly Style[] = ['bold', 'dim', 'red', 'green', 'yellow', 'cyan']
const MARK = new RegExp(`<${secret}:(/?)(${STYLES.join('|')})>`)
const ALL_MARKS = new RegExp(`<${secret}:/?(?:${STYLES.join('|')})>`, 'g')

/** Colours for terminals only, and never when NO_COLOR is set. What it paints is printed with `printable`. */
export function painter(stream: { readonly isTTY?: boolean }): Paint {
  const plain = stream.isTTY !== true || (process.env['NO_COLOR'] ?? '') !== '' || process.env['TERM'] === 'dumb'
  return plain ? (_, text) => text : (style, text) => `<${secret}:${style}>${text}<${secret}:/${style}>`
}

/** The text as a terminal gets it: our colours and newlines, and every other control character as its escape. */
export function printable(text: string): string {
  const [first = '', ...rest] = text.split(MARK)
  let out = visibleText(first)
  for (let at = 0; at < rest.length; at += 3)
    out += `${sequence(rest[at + 1], rest[at] === '/')}${visibleText(rest[at + 2] ?? '')}`
  return out
}

/** How many columns the text occupies, without its colours. */
export function shownLength(text: string): number {
  return visibleText(text.replaceAll(ALL_MARKS, '')).length
}

function sequence(name: string | undefined, closes: boolean): string {
  const style = STYLES.find((one) => one === name)
  if (style === undefined) return ''
  const [opening = '', closing = ''] = styleText(style, ' ', { validateStream: false }).split(' ')
  return closes ? closing : opening
}
