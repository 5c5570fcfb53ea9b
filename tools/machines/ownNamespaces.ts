/**
 * Runs a program again in network and mount namespaces of its own. The network of this machine is
 * then untouched, and everything that the program makes there vanishes with it.
 */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { promisify } from 'node:util'

const run = promisify(execFile)
const mark = 'RXWEFT_OWN_NAMESPACES'

/** Whether this process runs in namespaces of its own. */
export function inOwnNamespaces(): boolean {
  return process.env[mark] === '1'
}

/** Null if namespaces can be made; otherwise why not. */
export async function whyNoNamespaces(): Promise<string | null> {
  if (process.platform !== 'linux') return 'not Linux'
  if (process.getuid?.() !== 0) return 'not root'
  const trial = 'ip link add rxtest type bridge && ip netns add rxtest && ip netns exec rxtest true'
  try {
    await run('unshare', [...flags, 'sh', '-c', `${prepare} && ${trial}`])
    return null
  } catch (thrown) {
    const { stderr = '', message } = thrown as Error & { readonly stderr?: string }
    return stderr.trim().split('\n')[0] || message
  }
}

/**
 * Runs this program again, with the same arguments, in namespaces of its own. Resolves with its
 * exit code. Signals are passed on.
 */
export async function againInOwnNamespaces(): Promise<number> {
  const command = [process.execPath, ...process.execArgv, ...process.argv.slice(1)]
  const args = [...flags, 'sh', '-c', `${prepare} && exec "$@"`, 'sh', ...command]
  const child = spawn('unshare', args, { stdio: 'inherit', env: { ...process.env, [mark]: '1' } })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal))
  const [code] = await once(child, 'exit')
  return code ?? 1
}

const flags = ['--net', '--mount', '--propagation', 'private']

/** Named namespaces are files in /run/netns: without a folder of their own they would remain. */
const prepare = 'mkdir -p /run/netns && mount -t tmpfs rxweft /run/netns && ip link set lo up'
