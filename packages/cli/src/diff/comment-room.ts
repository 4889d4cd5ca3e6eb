import { grouped } from '../terminal/words.ts'

/** GitHub refuses longer comments, in characters. */
export const LONGEST_COMMENT = 65_536

/** What stands between the parts of a comment. */
export const BETWEEN = '\n\n'

/** How many reasons and features of a view are shown where there is no room for all. */
const SOME = 20

/** Texts without a bound of their own are cut here. */
const LONGEST_TEXT = 500

/** The length of parts, each with what stands after it. */
export function lengthOf(parts: readonly string[]): number {
  return parts.reduce((sum, part) => sum + part.length + BETWEEN.length, 0)
}

/**
 * Sections that fit together: each in its shortest form, then in order as long as there is room for.
 * @param sections make a section with so many of its parts
 */
export function fitting(sections: readonly ((most: number) => string)[], room: number): readonly string[] {
  const shortest = sections.map((section) => section(0))
  const all = lengthOf(shortest) <= room
  const note = (left: number): readonly string[] =>
    left === 0
      ? []
      : [`${grouped(left)} other ${left === 1 ? 'view differs' : 'views differ'}, which are left out here.`]
  if (!all) {
    let shown = 0
    const ahead = (): number => lengthOf([...shortest.slice(0, shown + 1), ...note(sections.length - shown - 1)])
    while (shown < sections.length && ahead() <= room) shown++
    return [...shortest.slice(0, shown), ...note(sections.length - shown)]
  }
  let left = room - lengthOf(shortest)
  return sections.map((section, i) => {
    const short = shortest[i] ?? ''
    for (const most of [Infinity, SOME]) {
      const longer = section(most)
      const more = longer.length - short.length
      if (more > left) continue
      left -= more
      return longer
    }
    return short
  })
}

/** `3 other features are left out here.` */
export function leftOut(count: number, noun: string): readonly string[] {
  if (count <= 0) return []
  return [count === 1 ? `1 ${noun} is left out here.` : `${grouped(count)} ${noun}s are left out here.`]
}

export function cut(text: string): string {
  return text.length <= LONGEST_TEXT ? text : `${[...text].slice(0, LONGEST_TEXT).join('')}…`
}
