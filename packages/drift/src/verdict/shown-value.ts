import { visibleText } from '@martlet/warehouse'
import { grouped } from './wording.ts'

/** Texts up to this length are shown whole; of longer texts the beginning and the end. */
const WHOLE = 60
const BEGINNING = 40
const END = 12

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

/** The same with everything escaped that is invisible or looks like something else: combining marks, unusual spaces. */
export function quotedByCodePoints(value: string): string {
  return quoted(value).replaceAll(/[\p{M}\p{Cf}]|(?! )\p{Zs}/gu, (sign) => [...sign].map(codePoint).join(''))
}

function codePoint(sign: string): string {
  const code = sign.codePointAt(0) ?? 0
  return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, '0')}`
}

function cutInTheMiddle(value: string): { readonly text: string; readonly length: string } | null {
  // Code points are at most as many as code units.
  if (value.length <= WHOLE) return null
  const points = [...value]
  if (points.length <= WHOLE) return null
  return {
    text: `${points.slice(0, BEGINNING).join('')}…${points.slice(-END).join('')}`,
    length: grouped(points.length),
  }
}
