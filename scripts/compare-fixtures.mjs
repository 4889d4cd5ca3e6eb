// node scripts/compare-fixtures.mjs <committed.json> <computed again.json>
// The same structure, the same text, and numbers alike to 1e-9 of their size: other processors round the last digits otherwise.
import { readFileSync } from 'node:fs'
import process from 'node:process'

const TOLERANCE = 1e-9
const [committed = '', again = ''] = process.argv.slice(2)
/** @type {string[]} */
const differences = []
let numbers = 0

/** @type {(path: string, a: unknown, b: unknown) => void} */
function compare(path, a, b) {
  if (typeof a === 'number' && typeof b === 'number') {
    numbers++
    if (Math.abs(a - b) > TOLERANCE * Math.max(Math.abs(a), Math.abs(b))) differences.push(`${path}: ${a} is now ${b}`)
  } else if (
    typeof a === 'object' &&
    typeof b === 'object' &&
    a !== null &&
    b !== null &&
    Array.isArray(a) === Array.isArray(b)
  ) {
    const [left, right] = [Object.entries(a), new Map(Object.entries(b))]
    if (left.length !== right.size) differences.push(`${path}: ${left.length} entries are now ${right.size}`)
    for (const [name, value] of left) compare(`${path}.${name}`, value, right.get(name))
  } else if (a !== b) {
    differences.push(`${path}: ${JSON.stringify(a)} is now ${JSON.stringify(b)}`)
  }
}

compare('', JSON.parse(readFileSync(committed, 'utf8')), JSON.parse(readFileSync(again, 'utf8')))
if (differences.length > 0) {
  console.error(
    `${committed} differs from what was computed again (${differences.length} places):\n${differences.slice(0, 20).join('\n')}`,
  )
  process.exit(1)
}
console.log(`${committed}: ${numbers} numbers computed again and alike`)
