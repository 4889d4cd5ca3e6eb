/** C0 except tab and newline, DEL, C1, marks and overrides of writing direction, line and paragraph separators. */
// oxlint-disable-next-line no-control-regex
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g

/**
 * Text in which every character that could control a terminal, or show text in another order, is escaped as in `\u001b`.
 * Tabs and newlines stay. JSON stays the same JSON, because such characters occur only inside its strings.
 *
 * @example visibleText('a\u001b[2Jb') // 'a\\u001b[2Jb'
 */
export function visibleText(text: string): string {
  return text.replaceAll(CONTROLS, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
