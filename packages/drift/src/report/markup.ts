import { visibleText } from '@martlet/warehouse/visible-text'

/** Text that is markup already and is not escaped again. */
export interface Markup {
  readonly markup: string
}

type Piece = string | number | Markup | readonly Piece[]

/**
 * Builds markup from a template: strings are escaped, markup and lists of markup are put in as they are.
 *
 * A line break of the template and its indentation print nothing next to a tag or a piece, and one space inside a text.
 *
 * @example markup`<td>${'a < b'}</td>`.markup // '<td>a &lt; b</td>'
 */
export function markup(parts: TemplateStringsArray, ...pieces: readonly Piece[]): Markup {
  return {
    markup: parts
      .map((part, index) => folded(part) + (index < pieces.length ? render(pieces[index] ?? '') : ''))
      .join(''),
  }
}

export const nothing: Markup = { markup: '' }

/** Text made safe for element content and double-quoted attributes; control characters are shown as their escape. */
export function escapeText(text: string): string {
  const visible = visibleText(text)
  return visible
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
}

function folded(part: string): string {
  if (!part.includes('\n')) return part
  return part.replaceAll(/(?<=^|>)\s*\n\s*|\s*\n\s*(?=$|[<>])/g, '').replaceAll(/\s*\n\s*/g, ' ')
}

function render(piece: Piece): string {
  if (typeof piece === 'string') return escapeText(piece)
  if (typeof piece === 'number') return String(piece)
  return 'markup' in piece ? piece.markup : piece.map(render).join('')
}
