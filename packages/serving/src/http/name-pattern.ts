/** Characters of a name that is looked up; a longer one is nobody's. */
export const longestName = 256

/** Whether a name fits a pattern in which `*` stands for any run of characters. Time grows with the length of the name, whatever the pattern. */
export function matchesPattern(pattern: string, name: string): boolean {
  const [head = '', ...rest] = pattern.split('*')
  const tail = rest.pop()
  if (tail === undefined) return name === pattern
  if (name.length < head.length + tail.length || !name.startsWith(head) || !name.endsWith(tail)) return false
  // The leftmost place of each part leaves the most for those after it.
  let at = head.length
  const end = name.length - tail.length
  for (const part of rest) {
    const found = name.indexOf(part, at)
    if (found === -1 || found + part.length > end) return false
    at = found + part.length
  }
  return true
}
