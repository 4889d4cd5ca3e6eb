import { visibleText } from '@martlet/warehouse'
import { grouped } from './wording.ts'

/** Texts up to this length are shown whole; of longer ones the beginning and the end. */
const whole = 60
const [beginning, end] = [40, 12]

/** A value as a sentence quotes it: like JSON, with control characters visible, and long texts cut in the middle. */
export function quoted(value: string): string {
  const cut = cutInTheMiddle(value)
  return cut === null
    ? visibleText(JSON.stringify(value))
    : `${visibleText(JSON.stringify(cut.text))} (${cut.length} characters)`
}

/** A value as the name of a cell: long texts cut in the middle, with their length. */
export function shortened(value: string): string {
  const cut = cutInTheMiddle(value)
  return cut === null ? value : `${cut.text} (${cut.length} characters)`
}

/** The same with everything escaped that looks alike or cannot be seen: combining marks, signs without width, unusual spaces. */
export function quotedByCodePoints(value: string): string {
  return quoted(value).replaceAll(/[\p{M}\p{Cf}]|(?! )\p{Zs}/gu, (sign) => [...sign].map(codePoint).join(''))
}

function codePoint(sign: string): string {
  const code = sign.codePointAt(0) ?? 0
  return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, '0')}`
}

function cutInTheMiddle(value: string): { readonly text: string; readonly length: string } | null {
  // Code points are at most as many as code units.
  if (value.length <= whole) return null
  const points = [...value]
  if (points.length <= whole) return null
  return {
    text: `${points.slice(0, beginning).join('')}…${points.slice(-end).join('')}`,
    length: grouped(points.length),
  }
}
