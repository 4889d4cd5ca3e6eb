// Every ```ts fence of README.md and docs/ is a module: all are type-checked together, those not marked `no-run` are run, and the
// values in `// => value` comments are compared. Links to files must lead somewhere.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { bundleSources } from './bundle-sources.ts'

const root = join(import.meta.dirname, '..')
const work = join(root, '.tmp/docs')
const BLOCK_SECONDS = 120
const problems: string[] = []

interface Block {
  readonly file: string
  /** The line of the opening fence, counted from 1. */
  readonly line: number
  readonly name: string
  readonly code: string
  readonly run: boolean
}

function blocksOf(file: string): Block[] {
  const blocks: Block[] = []
  let open: { fence: string; info: string; line: number; code: string[] } | undefined
  readFileSync(join(root, file), 'utf8')
    .split('\n')
    .forEach((text, i) => {
      const fence = /^ {0,3}(`{3,}|~{3,})\s*(.*)$/.exec(text)
      if (open === undefined) {
        if (fence) open = { fence: fence[1] ?? '', info: (fence[2] ?? '').trim(), line: i + 1, code: [] }
        return
      }
      if (fence === null || fence[2] !== '' || !(fence[1] ?? '').startsWith(open.fence)) {
        open.code.push(text)
        return
      }
      const [language, ...marks] = open.info.split(/\s+/)
      if (language === 'ts' || language === 'typescript') {
        const unknown = marks.filter((mark) => mark !== 'no-run')
        if (unknown.length > 0)
          problems.push(`${file}:${open.line}  unknown mark on a code fence: ${unknown.join(' ')} (known: no-run)`)
        const name = `${file.replaceAll('/', '+')}.${open.line}.ts`
        blocks.push({ file, line: open.line, name, code: open.code.join('\n'), run: !marks.includes('no-run') })
      }
      open = undefined
    })
  if (open !== undefined) problems.push(`${file}:${open.line}  code fence is never closed`)
  return blocks
}

function checkLinks(file: string): void {
  let fenced = false
  readFileSync(join(root, file), 'utf8')
    .split('\n')
    .forEach((text, i) => {
      if (/^ {0,3}(`{3,}|~{3,})/.test(text)) fenced = !fenced
      if (fenced) return
      for (const [, target] of text.replace(/`[^`]*`/g, '').matchAll(/\]\(<?([^)\s>]+)>?[^)]*\)/g)) {
        if (target === undefined || /^[a-z][a-z0-9+.-]*:/i.test(target)) continue
        const [path = '', anchor] = target.split('#')
        const linked = path === '' ? join(root, file) : join(root, dirname(file), decodeURIComponent(path))
        if (!existsSync(linked)) problems.push(`${file}:${i + 1}  link leads nowhere: ${target}`)
        else if (anchor !== undefined && linked.endsWith('.md') && !anchorsOf(linked).has(anchor)) {
          problems.push(`${file}:${i + 1}  no such heading: ${target}`)
        }
      }
    })
}

/** GitHub's anchors of a Markdown file's headings. */
function anchorsOf(path: string): ReadonlySet<string> {
  const headings = readFileSync(path, 'utf8').matchAll(/^#{1,6}\s+(.*)$/gm)
  return new Set(
    [...headings].map(([, text = '']) =>
      text
        .trim()
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  )
}

/** Blank lines first, so that a position in the module is the position in the page. */
const atItsLine = (block: Block, code: string): string => '\n'.repeat(block.line) + code + '\n'

function typeCheck(blocks: readonly Block[]): void {
  for (const block of blocks) writeFileSync(join(work, block.name), `${atItsLine(block, block.code)}export {}\n`)
  writeFileSync(
    join(work, 'tsconfig.json'),
    JSON.stringify({
      extends: '../../tsconfig.base.json',
      compilerOptions: {
        noEmit: true,
        composite: false,
        declaration: false,
        declarationMap: false,
        sourceMap: false,
        isolatedDeclarations: false,
        rewriteRelativeImportExtensions: false,
        allowImportingTsExtensions: true,
        customConditions: ['@martlet/source'],
        noUnusedLocals: false,
        noUnusedParameters: false,
      },
      include: ['*.ts'],
    }),
  )
  const tsc = spawnSync(join(root, 'node_modules/.bin/tsc'), ['-p', work, '--pretty', 'false'], {
    cwd: work,
    encoding: 'utf8',
  })
  if (tsc.error) throw tsc.error
  if (tsc.status === 0) return
  for (const line of tsc.stdout.split('\n').filter((text) => text !== '')) {
    const at = /^([^(]+)\((\d+),(\d+)\): (.*)$/.exec(line)
    const block = at ? blocks.find(({ name }) => at[1]?.endsWith(name)) : undefined
    problems.push(block && at ? `${block.file}:${at[2]}:${at[3]}  ${at[4]}` : line)
  }
}

/** Turns `expression // => value` and `const name = expression // => value` into a comparison on the same line. */
function withComparisons(block: Block): string {
  return block.code
    .split('\n')
    .map((text, i) => {
      const shown = /^(\s*)(.*?);?\s*\/\/ => (.*)$/.exec(text)
      if (shown === null) return text
      const [, indent = '', statement = '', expected = ''] = shown
      const at = `'${block.file}:${block.line + 1 + i}', ${JSON.stringify(expected.trim())}`
      const declared = /^(?:const|let)\s+(\w+)\b/.exec(statement)
      if (declared) return `${indent}${statement}; __shown(${at}, ${declared[1]})`
      const logged = /^console\.log\((.*)\)$/.exec(statement)
      if (logged) return `${indent}__shown(${at}, ${logged[1]})`
      return `${indent}__shown(${at}, ${statement})`
    })
    .join('\n')
}

const comparison = `
import { inspect, isDeepStrictEqual } from 'node:util'
const print = (value) => typeof value === 'string' ? value : inspect(value, { depth: 8, breakLength: Infinity, compact: true })
const literal = (text) => { try { return [(0, eval)('(' + text + ')')] } catch { return [] } }
globalThis.__shown = (at, expected, ...values) => {
  const printed = values.map(print).join(' ')
  const parsed = literal(expected)
  if (printed === expected || (values.length === 1 && parsed.length === 1 && isDeepStrictEqual(parsed[0], values[0]))) return
  console.error('MISMATCH ' + at + '  says ' + expected + ', but the value is ' + printed)
  process.exitCode = 1
}
`

async function run(block: Block): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'martlet-docs-'))
  const file = join(work, block.name)
  writeFileSync(file, atItsLine(block, withComparisons(block)))
  try {
    const child = spawn(
      process.execPath,
      ['--conditions=@martlet/source', '--import', sources, '--import', join(work, 'comparison.mjs'), file],
      {
        cwd: folder,
        stdio: ['ignore', 'pipe', 'pipe'],
        timeout: BLOCK_SECONDS * 1000,
        killSignal: 'SIGKILL',
      },
    )
    let output = ''
    child.stdout.on('data', (chunk) => {
      output += chunk
    })
    child.stderr.on('data', (chunk) => {
      output += chunk
    })
    const [status, signal] = await new Promise<[number | null, string | null]>((resolve, reject) => {
      child.on('error', reject)
      child.on('close', (code, killed) => resolve([code, killed]))
    })
    if (status === 0) return
    const mismatches = output
      .split('\n')
      .filter((line) => line.startsWith('MISMATCH '))
      .map((line) => line.slice('MISMATCH '.length))
    if (mismatches.length > 0) problems.push(...mismatches)
    else {
      const at = new RegExp(`${block.name.replace(/[.+]/g, '\\$&')}:(\\d+)`).exec(output)?.[1] ?? block.line
      const why = signal === null ? `exit code ${status}` : `stopped by ${signal} (limit: ${BLOCK_SECONDS} s)`
      problems.push(`${block.file}:${at}  failed: ${why}\n${output.trimEnd().replaceAll(/^/gm, '    ')}`)
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const pages = globSync(['README.md', 'docs/**/*.md', 'sql/**/*.md', 'examples/*/*.md'], {
  cwd: root,
  exclude: ['**/node_modules/**'],
}).toSorted()
const wanted = process.argv.slice(2)
const chosen = wanted.length === 0 ? pages : pages.filter((page) => wanted.includes(page))
const blocks = chosen.flatMap(blocksOf)
chosen.forEach(checkLinks)
rmSync(work, { recursive: true, force: true })
mkdirSync(work, { recursive: true })
writeFileSync(join(work, 'comparison.mjs'), comparison)
if (blocks.length > 0) typeCheck(blocks)
const sources = await bundleSources()
const queue = blocks.filter((block) => block.run)
const runs = queue.length
await Promise.all(
  [1, 2].map(async () => {
    for (let block = queue.shift(); block !== undefined; block = queue.shift()) await run(block)
  }),
)

if (problems.length > 0) {
  console.error(problems.join('\n'))
  console.error(`docs: ${problems.length} problems in ${chosen.length} pages`)
  process.exitCode = 1
} else {
  console.log(`docs: ${chosen.length} pages, ${blocks.length} examples type-checked, ${runs} of them run`)
}
