import process from 'node:process'
import { main } from '../src/command/main.ts'

let printed = { stdout: '', stderr: '' }
for (const where of ['stdout', 'stderr'] as const) {
  process[where].write = (text: string | Uint8Array): boolean => {
    printed[where] += typeof text === 'string' ? text : Buffer.from(text).toString()
    return true
  }
}

process.on('message', (args: readonly string[]) => {
  printed = { stdout: '', stderr: '' }
  void main(args).then((code) => process.send?.({ code, ...printed }))
})
