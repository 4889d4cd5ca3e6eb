// Plain JavaScript: it runs before `npm ci`, on whatever Node the machine has.
// A lock file written while a registry lacked the bindings of some platform makes `npm ci` fail for the users of that platform.
import { readFileSync } from 'node:fs'

const lockFile = new URL('../package-lock.json', import.meta.url)
const { packages } = JSON.parse(readFileSync(lockFile, 'utf8'))
const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))

/** The lock entry that Node's resolution finds for `name` from the package at `from`, or undefined. */
function resolve(/** @type {string} */ from, /** @type {string} */ name) {
  for (let folder = from; ;) {
    const candidate = `${folder === '' ? '' : `${folder}/`}node_modules/${name}`
    if (candidate in packages) return candidate
    if (folder === '') return undefined
    folder = folder.includes('/node_modules/') ? folder.slice(0, folder.lastIndexOf('/node_modules/')) : ''
  }
}

const problems = []
let bindings = 0
for (const [path, entry] of Object.entries(packages)) {
  for (const [name, range] of Object.entries({ ...entry.dependencies, ...entry.optionalDependencies })) {
    const optional = name in (entry.optionalDependencies ?? {})
    if (optional) bindings++
    if (resolve(path, name) === undefined) {
      problems.push(`${path || '(root)'} wants ${optional ? 'the optional' : ''} ${name}@${range}, which has no entry`)
    }
  }
  if (entry.hasInstallScript && entry.optional !== true) {
    const name = entry.name ?? path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)
    if (!(name in manifest.allowScripts))
      problems.push(`${path} has an install script; say true or false for ${name} in package.json allowScripts`)
  }
}

if (problems.length > 0) {
  console.error(`package-lock.json:\n${problems.map((problem) => `  ${problem}`).join('\n')}`)
  console.error(
    'Pin versions whose packages exist for every platform, delete their entries from the lock, and run `npm install --package-lock-only`.',
  )
  process.exit(1)
}
console.log(
  `package-lock.json: ${Object.keys(packages).length} entries; all ${bindings} optional dependencies have theirs`,
)
