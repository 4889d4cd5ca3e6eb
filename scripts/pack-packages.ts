// Packs the packages as they would be published into dist/packages, where `martlet init` of a clone finds them. `npm run build` must
// have run.
import { spawnSync } from 'node:child_process'
import { globSync, mkdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import process from 'node:process'

const root = join(import.meta.dirname, '..')
const folder = join(root, 'dist/packages')

rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
const workspaces = globSync('packages/*/package.json', { cwd: root })
  .toSorted()
  .flatMap((manifest) => ['-w', dirname(manifest)])
const packed = spawnSync('npm', ['pack', '--json', '--pack-destination', folder, ...workspaces], {
  cwd: root,
  encoding: 'utf8',
  maxBuffer: 1 << 28,
  shell: process.platform === 'win32',
})
if (packed.status !== 0) {
  console.error(packed.error?.message ?? packed.stderr)
  process.exit(1)
}
const json = packed.stdout.slice(packed.stdout.indexOf('['))
const tarballs: readonly { readonly filename: string; readonly size: number }[] = JSON.parse(json)
for (const { filename, size } of tarballs) console.log(`dist/packages/${filename}  ${Math.round(size / 1024)} KiB`)
