// Uses the built packages as a stranger would: packed, installed in an empty folder, without the source condition and without the
// workspace. `npm run pack` must have run.
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'

const root = join(import.meta.dirname, '..')

interface Manifest {
  readonly name: string
  readonly version: string
  readonly private?: boolean
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>
  readonly bin?: Readonly<Record<string, string>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
}

const readManifest = (folder: string): Manifest => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))

function run(cwd: string, command: string, args: readonly string[]): string {
  // The stranger's machine: nothing of this process's npm settings or conditions leaks into the commands.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => name !== 'NODE_OPTIONS' && name !== 'NODE_PATH'),
  )
  const result = spawnSync(command, args, { cwd, encoding: 'utf8', env, timeout: 600_000, maxBuffer: 1 << 28 })
  if (result.error) throw result.error
  if (result.status !== 0)
    throw new Error(
      `${command} ${args.join(' ')} in ${cwd}: exit code ${result.status}\n${result.stdout}${result.stderr}`,
    )
  return result.stdout
}

const folders = readdirSync(join(root, 'packages')).filter((name) =>
  existsSync(join(root, 'packages', name, 'package.json')),
)
const manifests = new Map(folders.map((name) => [name, readManifest(join(root, 'packages', name))]))
const published = [...manifests].filter(([, manifest]) => manifest.private !== true)
const versions = readManifest(root).devDependencies ?? {}

/** Every file that a manifest points to must be in the tarball, and nothing that only the build needs. */
function checkFiles(manifest: Manifest, installed: string): void {
  const targets = Object.values(manifest.exports).flatMap((target) =>
    typeof target === 'string' ? [target] : Object.values(target),
  )
  const missing = [...targets, ...Object.values(manifest.bin ?? {})].filter(
    (path) => !existsSync(join(installed, path)),
  )
  if (missing.length > 0)
    throw new Error(`${manifest.name}: package.json points to files that are not in the package: ${missing.join(', ')}`)
  const surplus = ['dist/.test', 'dist/.tsbuildinfo', 'test'].filter((path) => existsSync(join(installed, path)))
  if (surplus.length > 0) throw new Error(`${manifest.name}: the package carries ${surplus.join(', ')}`)
}

const folder = mkdtempSync(join(tmpdir(), 'martlet-consumer-'))
try {
  const tarballs = published.map(([, { name, version }]) => {
    const path = join(root, 'dist/packages', `${name.replace('@', '').replace('/', '-')}-${version}.tgz`)
    return { name, path, size: statSync(path).size }
  })
  const peers = published.flatMap(([, manifest]) => Object.keys(manifest.peerDependencies ?? {}))
  // Users write their schemas with zod, so they install it themselves.
  const { zod } = manifests.get('feature-store')?.dependencies ?? {}
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({
      name: 'stranger',
      private: true,
      type: 'module',
      dependencies: {
        zod,
        ...Object.fromEntries(tarballs.map(({ name, path }) => [name, `file:${path}`])),
        ...Object.fromEntries(peers.filter((name) => versions[name]).map((name) => [name, versions[name]])),
      },
      devDependencies: { typescript: versions['typescript'], '@types/node': versions['@types/node'] },
    }),
  )
  writeFileSync(join(folder, '.npmrc'), 'audit=false\nfund=false\nengine-strict=false\n')
  run(folder, 'npm', ['install', '--prefer-offline', '--ignore-scripts', '--no-package-lock'])
  for (const [, manifest] of published) checkFiles(manifest, join(folder, 'node_modules', manifest.name))

  cpSync(join(root, 'scripts/consumer'), folder, { recursive: true })
  const specifiers = published.flatMap(([, { name, exports }]) =>
    Object.keys(exports).map((path) => name + path.slice(1)),
  )
  const imports = specifiers.map((specifier, i) => `import * as m${i} from '${specifier}'\n`).join('')
  writeFileSync(
    join(folder, 'every-export.ts'),
    `${imports}console.log(${specifiers.map((_, i) => `Object.keys(m${i}).length`).join(', ')})\n`,
  )
  run(folder, join(folder, 'node_modules/.bin/tsc'), ['-p', '.'])
  run(folder, process.execPath, ['every-export.ts'])
  const output = run(folder, process.execPath, ['main.ts'])
  for (const [, manifest] of published) {
    for (const command of Object.keys(manifest.bin ?? {}))
      run(folder, process.execPath, [join('node_modules', manifest.name, manifest.bin?.[command] ?? ''), '--help'])
  }
  const size = tarballs.reduce((sum, tarball) => sum + tarball.size, 0)
  console.log(
    `consumer: ${tarballs.length} packages, ${Math.round(size / 1024)} KiB packed, ${specifiers.length} entry points ` +
      `type-check and load; ${output.trim()}`,
  )
} finally {
  rmSync(folder, { recursive: true, force: true })
}
