import process from 'node:process'

/**
 * In a step of a schedule: ends this process at once when the one that runs the schedule is gone, so that whoever takes
 * over does not run the step beside it. Every command may be killed at any moment. Waits until the other has written
 * down which process this is, so that its successor knows whom to wait for.
 */
export async function followParent(): Promise<void> {
  if (process.env['MARTLET_STEP'] !== '1') return
  // Processes that a step starts have a channel of their own, or none.
  delete process.env['MARTLET_STEP']
  const end = (): void => void process.kill(process.pid, 'SIGKILL')
  if (process.channel === undefined || process.channel === null) return end()
  process.on('disconnect', end)
  if (!process.connected) end()
  await new Promise<void>((resolve) => process.once('message', () => resolve()))
  process.channel?.unref()
}
