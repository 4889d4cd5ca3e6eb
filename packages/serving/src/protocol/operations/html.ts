/** Text with the characters of HTML replaced. */
export function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}

/** Text as HTML, with what stands between backticks as code. */
export function marked(text: string): string {
  return escapeHtml(text).replace(/`([^`]+)`/g, '<code>$1</code>')
}

export function tableRow(name: string, kind: string, required: boolean, description: string): string {
  const type = `${escapeHtml(kind)}${required ? '' : ', optional'}`
  return `<tr><td><code>${escapeHtml(name)}</code></td><td>${type}</td><td>${marked(description)}</td></tr>`
}
