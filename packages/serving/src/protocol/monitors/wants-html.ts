/** Whether a header `Accept` prefers a page over JSON; of two that it likes as much, the first. */
export function wantsHtml(accept: string | undefined): boolean {
  const liked = (accept ?? '').slice(0, LONGEST).split(',').map(media)
  const best = (names: readonly string[]): number =>
    Math.max(0, ...liked.map(({ name, q }) => (names.includes(name) ? q : 0)))
  const [html, json] = [best(['text/html']), best(['application/json'])]
  if (html === 0) return false
  if (html !== json) return html > json
  return (
    liked.findIndex(({ name }) => name === 'text/html') < liked.findIndex(({ name }) => name === 'application/json')
  )
}

/** Characters of the header that are read. */
const LONGEST = 1000

function media(part: string): { readonly name: string; readonly q: number } {
  const [name = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase())
  const given = parameters.find((text) => text.startsWith('q='))
  const q = given === undefined ? 1 : Number(given.slice(2))
  return { name, q: q >= 0 && q <= 1 ? q : 0 }
}
