import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { temporaryFolder } from '../../checkpoint/temporaryFolder.ts'

/** A process that sets a guard, dismisses it if told to, and waits to be killed. */
async function guarded(file: string, dismiss: boolean) {
  const program = `
    import { endGuard } from '../../../tools/broker/endGuard.ts'
    const guard = endGuard('touch "$1"', [process.argv[1]])
    if (${dismiss}) guard.dismiss()
    console.log('guarded')
    setInterval(() => undefined, 1_000)`
  const args = ['--import', 'tsx', '--input-type=module', '-e', program, file]
  const child = spawn(process.execPath, args, { cwd: import.meta.dirname, stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  return child
}

test('cleans up when the process is killed without a chance to do so itself, and not before', async () => {
  const file = join(await temporaryFolder(), 'cleaned up')
  const child = await guarded(file, false)
  expect(existsSync(file)).toBe(false)
  child.kill('SIGKILL')
  await vi.waitUntil(() => existsSync(file), { timeout: 5_000 })
})

test('does nothing where it was dismissed', async () => {
  const folder = await temporaryFolder()
  const [dismissed, kept] = [join(folder, 'dismissed'), join(folder, 'kept')]
  const first = await guarded(dismissed, true)
  first.kill('SIGKILL')
  await once(first, 'exit')
  // A second guard of a process that ends later: when it is done, the first one would have been.
  const second = await guarded(kept, false)
  second.kill('SIGKILL')
  await vi.waitUntil(() => existsSync(kept), { timeout: 5_000 })
  expect(existsSync(dismissed)).toBe(false)
})
