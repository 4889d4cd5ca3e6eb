import { expect, test } from 'vitest'
import { emptyFolder, start } from './run-martlet.ts'

/** Prints the name of every span that ends. */
const INSTRUMENTATION = `
import { trace } from '@opentelemetry/api'
import { TracerProvider } from '@opentelemetry/sdk-trace'
const spanProcessors = [{
  onStart() {},
  onEnd: (span) => console.error('span', span.name, span.attributes['http.response.status_code']),
  forceFlush: async () => {},
  shutdown: async () => {},
}]
trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors }))
`

test('serve tells the SDK that was registered before it started', async () => {
  await using project = await emptyFolder()
  await project.json(0, 'init')
  await project.write('instrumentation.mjs', INSTRUMENTATION)
  const entry = new URL('../bin/martlet.js', import.meta.url).pathname
  const server = start(['--import', './instrumentation.mjs', entry, 'serve', '--port', '0', '--json'], {
    cwd: project.folder,
  })
  const { url }: { readonly url: string } = JSON.parse(await server.printed('\n', 'stdout'))
  await fetch(`${url}/health/live`)
  expect(await server.printed('span', 'stderr')).toContain('span GET /health/live 200\n')
  server.child.kill('SIGTERM')
  expect((await server.ended).code).toBe(0)
})
