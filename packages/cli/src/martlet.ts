#!/usr/bin/env node
import process from 'node:process'

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(`martlet needs Node 22.18 or newer, and this is Node ${process.versions.node} (${process.execPath}): install a newer one from https://nodejs.org.\n`)
  process.exitCode = 1
} else {
  const { main } = await import('./command/main.ts')
  process.exitCode = await main(process.argv.slice(2))
}
