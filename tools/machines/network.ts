/**
 * Machines on one: a network namespace each, behind one bridge. To be used in namespaces of one's
 * own (ownNamespaces.ts), where this process sits at the bridge.
 *
 *     broker1    broker2    worker1          a namespace each, with an address of its own
 *        |          |          |
 *     ===+==========+==========+===+===      bridge
 *                                  |
 *                              this process
 */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

export interface Network {
  /** Address of a machine. */
  address(machine: string): string
  /** Command that runs a program on a machine, in front of the program. */
  command(machine: string): readonly string[]
  /** Takes the cable out: no packet comes or goes, and nobody is told. */
  unplug(machine: string): Promise<void>
  plug(machine: string): Promise<void>
  /** Loses every packet from one machine to another, silently; the other way is open. */
  hold(from: string, to: string): Promise<void>
  release(from: string, to: string): Promise<void>
  /** Everything flows again. */
  heal(): Promise<void>
}

/** Nobody's address: the bridge delivers such frames to nobody. */
const nowhere = '02:00:00:00:00:fe'
const net = '10.75.0'

/** @param machines names of at most eight letters and digits */
export async function openNetwork(machines: readonly string[]): Promise<Network> {
  const numbers = new Map(machines.map((machine, at) => [machine, at + 1]))
  const held = new Set<string>()

  const address = (machine: string): string => {
    const number = numbers.get(machine)
    if (number === undefined) throw new Error(`there is no machine ${machine}`)
    return `${net}.${number}`
  }
  const key = (from: string, to: string): string => `${from} ${to}`

  const plug = (machine: string): Promise<void> => ip('link', 'set', portOf(machine), 'up')

  async function release(from: string, to: string): Promise<void> {
    if (!held.delete(key(from, to))) return
    await ip('-n', from, 'neigh', 'del', address(to), 'dev', 'eth0')
  }

  await ip('link', 'add', 'br0', 'type', 'bridge')
  await ip('addr', 'add', `${net}.254/24`, 'dev', 'br0')
  await ip('link', 'set', 'br0', 'up')
  for (const machine of machines) await add(machine, address(machine))

  return {
    address,
    command: (machine) => ['ip', 'netns', 'exec', machine],
    unplug: (machine) => ip('link', 'set', portOf(machine), 'down'),
    plug,
    async hold(from, to) {
      held.add(key(from, to))
      // A blackhole route would tell the sender: EINVAL at once.
      const neighbour = [address(to), 'lladdr', nowhere, 'dev', 'eth0', 'nud', 'permanent']
      await ip('-n', from, 'neigh', 'replace', ...neighbour)
    },
    release,
    async heal() {
      for (const one of [...held]) await release(...(one.split(' ') as [string, string]))
      for (const machine of machines) await plug(machine)
    },
  }
}

async function add(machine: string, address: string): Promise<void> {
  await ip('netns', 'add', machine)
  await ip('link', 'add', portOf(machine), 'type', 'veth', 'peer', 'name', 'eth0', 'netns', machine)
  await ip('link', 'set', portOf(machine), 'master', 'br0', 'up')
  await ip('-n', machine, 'addr', 'add', `${address}/24`, 'dev', 'eth0')
  await ip('-n', machine, 'link', 'set', 'lo', 'up')
  await ip('-n', machine, 'link', 'set', 'eth0', 'up')
}

/** The machine's port at the bridge. */
function portOf(machine: string): string {
  return `to-${machine}`
}

async function ip(...args: readonly string[]): Promise<void> {
  await run('ip', [...args])
}
