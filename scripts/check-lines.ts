// Keeps source lines readable where the formatter cannot: it leaves templates, text and comments as they are.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'

const root = join(import.meta.dirname, '..')
const LONGEST = 140

const files = execFileSync('git', ['ls-files', '--', '*.ts', '*.mts', '*.mjs'], { cwd: root, encoding: 'utf8' })
  .split('\n')
  .filter((file) => file !== '')
const long = files.flatMap((file) =>
  readFileSync(join(root, file), 'utf8')
    .split('\n')
    .flatMap((line, i) => (line.length > LONGEST ? [`${file}:${i + 1}  ${line.length} characters`] : [])),
)
if (long.length > 0) {
  console.error(`${long.join('\n')}\n${long.length} lines are longer than ${LONGEST} characters: break them by hand`)
  process.exitCode = 1
} else {
  console.log(`lines: ${files.length} files, none longer than ${LONGEST} characters`)
}
