import process from 'node:process'
import { styleText } from 'node:util'

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan'

/** Colours text, or leaves it as it is where colours do not belong. */
export type Paint = (style: Style, text: string) => string

/** Colours for terminals only, and never when NO_COLOR is set. */
export function painter(stream: { readonly isTTY?: boolean }): Paint {
  const plain = stream.isTTY !== true || (process.env['NO_COLOR'] ?? '') !== '' || process.env['TERM'] === 'dumb'
  return plain ? (_, text) => text : (style, text) => styleText(style, text, { validateStream: false })
}
