#!/usr/bin/env node
// Plain JavaScript that is there before anything is built, so that `npx martlet` also works in a fresh clone of the repository.
import { existsSync } from 'node:fs'
import module from 'node:module'
import { homedir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
// The package that is published has no tsconfig.json: this is the repository, whose sources run as they are.
const repository = existsSync(new URL('../tsconfig.json', import.meta.url))

if (major < 22 || (major === 22 && minor < 18)) {
  const old = `martlet needs Node 22.18 or newer, and this is Node ${process.versions.node} (${process.execPath})`
  process.stderr.write(`${old}: install a newer one from https://nodejs.org.\n`)
  process.exitCode = 1
} else {
  // Commands are short, and compiling what they import is a good part of them. NODE_DISABLE_COMPILE_CACHE=1 turns it off.
  const cache = cacheFolder()
  if (cache !== undefined) module.enableCompileCache(cache)
  // The repository's own tests and scripts say it themselves.
  if (repository && !process.execArgv.includes('--conditions=@martlet/source')) {
    module.registerHooks({
      resolve(specifier, context, next) {
        if (!/^(@martlet\/|martlet(\/|$))/.test(specifier)) return next(specifier, context)
        const source = next(specifier, { ...context, conditions: [...context.conditions, '@martlet/source'] })
        // A project that has the packages installed keeps its own: Node runs no TypeScript below node_modules.
        return source.url.includes('/node_modules/') ? next(specifier, context) : source
      },
    })
  }
  const { main } = await import(repository ? '../src/command/main.ts' : '../dist/command/main.js')
  process.exitCode = await main(process.argv.slice(2))
}

// Compiled code is run as it is found, so it must not lie where others can write, as Node's own default in /tmp does.
function cacheFolder() {
  const given = process.env['XDG_CACHE_HOME']
  if (given !== undefined && given !== '') return join(given, 'martlet')
  try {
    return join(homedir(), '.cache', 'martlet')
  } catch {
    // This user has no home, so commands are compiled each time.
    return undefined
  }
}
