/**
 * A worker that requests /health/live every 100 ms on a fresh connection and notes the worst answer. It is a thread of its own,
 * so that a busy client does not look like a busy server. `seen` is shared: the worst time in ms, probes without a 200, and 1 for "stop".
 */
import { connect } from 'node:net'
import { workerData } from 'node:worker_threads'

const { port, path, seen }: { readonly port: number; readonly path: string; readonly seen: Float64Array } = workerData
let open = 0

function probe(): void {
  const start = performance.now()
  let head = ''
  open++
  const socket = connect(port, '127.0.0.1', () =>
    socket.write(`GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n`),
  )
  socket.on('data', (chunk) => (head += chunk.toString('latin1')))
  socket.on('error', () => undefined)
  socket.on('close', () => {
    open--
    if (head.startsWith('HTTP/1.1 200')) seen[0] = Math.max(seen[0] ?? 0, performance.now() - start)
    else seen[1] = (seen[1] ?? 0) + 1
  })
}

const timer = setInterval(() => {
  if (seen[2] !== 1) probe()
  else if (open === 0) clearInterval(timer)
}, 100)
probe()
