// Follows README's section "A project of your own" line by line, as somebody who has just run `npm ci` here would: packages, project,
// first prediction. What is printed, with times, sizes and fractions made stable, is the transcript in docs/first-prediction.md.
// `--update` writes it. The lines together may take five minutes.
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join, relative, resolve } from 'node:path'
import process from 'node:process'

const root = join(import.meta.dirname, '..')
const page = join(root, 'docs/first-prediction.md')
const MOST_SECONDS = 300

/** The lines of the shell fences below README's heading, without their comments. */
function readmeLines(): readonly string[] {
  const readme = readFileSync(join(root, 'README.md'), 'utf8')
  const [, section = ''] = /^## A project of your own\n([^]*?)(?=^## )/m.exec(readme) ?? []
  const fences = [...section.matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, text = '']) => text)
  return fences
    .join('')
    .split('\n')
    .map((line) => line.replace(/\s+# .*$/, ''))
    .filter((line) => line !== '')
}

/** The stranger's machine: npm settings of the script that runs this do not leak, and Node is the one that README asks for. */
function strangersEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(npm_|node_|init_cwd$|martlet_|color)/i.test(name))
  const path = (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => !folder.endsWith(join('node_modules', '.bin')))
  return {
    ...Object.fromEntries(kept),
    PATH: [dirname(process.execPath), ...path].join(delimiter),
    NO_COLOR: '1',
    COLUMNS: '140',
  }
}

/** Rewritten in the transcript: what differs between machines, days and runs. */
const unstable: readonly (readonly [RegExp, string])[] = [
  // npm's own words, which depend on its version and on the network. Its warnings stay.
  [/^npm (notice|warn Unknown (project|env) config "onnxruntime-node-install").*\n/gm, ''],
  [/^(found \d+ vulnerabilities|\d+ packages are looking for funding| {2}run `npm fund` for details)\n/gm, ''],
  [/^added \d+ packages(, and audited \d+ packages)? in \S+$/gm, 'added … packages in …'],
  [/^> .*\n/gm, ''],
  [
    /^(?!dist\/)[^\n]*\b(turbo|Packages in scope|Running build|Remote caching|Tasks:|Cached:|Time:)[^]*?(?=^dist\/)/gm,
    '',
  ],
  [/ {2}\d+ KiB$/gm, '  … KiB'],
  [/\b\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?Z?)?)?/g, '<time>'],
  [/\b[0-9a-f]{8}-[0-9a-f-]{27}\b|\b[0-9a-f]{32,64}\b/g, '<hash>'],
  [/^.*\d+%  .*\n/gm, ''],
  // Steps under way are said again every two seconds.
  [/^\S+ {2}(checking source rows|computing |publishing|spine|step \d+ of \d+).*\n/gm, ''],
  // Costs depend on the hour of the day at which the readings end.
  [/\([\d.]+[kMG]? steps by a scan, [\d.]+[kMG]? by/g, '(<n> steps by a scan, <n> by'],
  // Not of versions and addresses, which have more than one dot.
  [/(?<![\d.])\d+\.\d+(e-\d+)?(?![.\d])/g, '<n>'],
  [/[ \t]+$/gm, ''],
  [/^(\$ .*\n)\n+/gm, '$1'],
  [/\n{3,}/g, '\n\n'],
]

function freePort(): Promise<number> {
  return new Promise((done, failed) => {
    const server = createServer()
      .once('error', failed)
      .listen(0, '127.0.0.1', () => {
        const address = server.address()
        server.close(() =>
          address !== null && typeof address === 'object' ? done(address.port) : failed(new Error('no port')),
        )
      })
  })
}

/** Starts a line that stays in the background, and waits until it has printed where it listens. */
function startServer(
  line: string,
  cwd: string,
  env: NodeJS.ProcessEnv,
): Promise<{ readonly output: string; readonly stop: () => void }> {
  const child = spawn(line, { cwd, env, shell: true, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  const stop = (): void => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGTERM')
  }
  return new Promise((done, failed) => {
    let output = ''
    const timer = setTimeout(
      () => (stop(), failed(new Error(`${line} did not listen within two minutes:\n${output}`))),
      120_000,
    )
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text
        if (!/http:\/\/\S+\n/.test(output)) return
        clearTimeout(timer)
        done({ output, stop })
      })
    }
    child.once('exit', (code) => failed(new Error(`${line} ended with ${code}:\n${output}`)))
  })
}

const folder = mkdtempSync(join(tmpdir(), 'martlet-first-'))
const stops: (() => void)[] = []
try {
  const env = strangersEnvironment()
  const port = String(await freePort())
  const said: string[] = []
  let cwd = root
  let seconds = 0
  const lines = readmeLines()
  if (lines.length < 3) throw new Error('README has no section "A project of your own" with shell fences')
  for (const line of lines) {
    const [, command = line, next] = /^(.*) && cd (\S+)$/.exec(line) ?? []
    const typed = command.replaceAll('../shop', join(folder, 'shop')).replaceAll('8080', port)
    const start = performance.now()
    let output: string
    if (typed.endsWith(' &')) {
      const server = await startServer(typed.slice(0, -2), cwd, env)
      stops.push(server.stop)
      output = server.output
    } else {
      const limits = { timeout: MOST_SECONDS * 1000, maxBuffer: 1 << 26 }
      const ended = spawnSync(`${typed} 2>&1`, { cwd, env, shell: true, encoding: 'utf8', ...limits })
      if (ended.status !== 0) throw new Error(`${line}: exit code ${ended.status}\n${ended.stdout}`)
      output = ended.stdout
    }
    const took = (performance.now() - start) / 1000
    seconds += took
    console.log(`${took.toFixed(1).padStart(6)} s  $ ${line}`)
    const paths = [relative(root, join(folder, 'shop')), join(folder, 'shop')]
    const shown = paths.reduce((text, path) => text.replaceAll(path, '../shop'), output)
    said.push(`$ ${line}\n${shown.replaceAll(port, '8080').trimEnd()}\n`)
    if (next !== undefined) {
      cwd = resolve(folder, next === '../shop' ? 'shop' : next)
      // The port of the template may be taken on this machine.
      const config = join(cwd, 'martlet.config.ts')
      writeFileSync(config, readFileSync(config, 'utf8').replace('port: 8080', `port: ${port}`))
    }
  }
  const transcript = unstable.reduce((text, [pattern, shown]) => text.replace(pattern, shown), said.join(''))
  const text = readFileSync(page, 'utf8')
  const updated = text.replace(
    /(^```console\n)[^]*?(^```$)/m,
    (_, open: string, close: string) => `${open}${transcript}${close}`,
  )
  if (process.argv.includes('--update')) writeFileSync(page, updated)
  else if (updated !== text) {
    mkdirSync(join(root, '.tmp'), { recursive: true })
    writeFileSync(join(root, '.tmp/first-prediction.md'), updated)
    const shown = spawnSync('diff', ['-u', page, join(root, '.tmp/first-prediction.md')], { encoding: 'utf8' }).stdout
    const update = 'after a wanted change: node scripts/check-first-prediction.ts --update'
    throw new Error(`README's lines do not print what docs/first-prediction.md shows; ${update}\n${shown}`)
  }
  if (seconds > MOST_SECONDS) throw new Error(`README's lines took ${Math.round(seconds)} s; five minutes are promised`)
  console.log(`first prediction: ${said.length} lines of README in ${Math.round(seconds)} s`)
} finally {
  for (const stop of stops) stop()
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
}
