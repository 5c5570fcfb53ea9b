/** Starts programs under test: those in peers/, compiled, on plain Node; and the JVM's. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { endGuard } from '../../tools/broker/endGuard.ts'
import type { PeerOptions } from '../jvm/jvm.ts'
import type { PeerSettings } from '../peers/settings.ts'
import type { Lab } from './lab.ts'

export interface Program {
  readonly pid: number
  /** Why it has ended; null while it runs. */
  readonly ended: string | null
  /** Lines that it has printed, with the time, ms since the epoch. */
  readonly printed: readonly (readonly [at: number, line: string])[]
  /** SIGTERM, then SIGKILL; rejects where it ended before, or not well. */
  stop(): Promise<void>
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>
}

type Settings = Omit<PeerSettings, 'brokers'> & {
  /** Of the source and the sink. */
  readonly partitions: number
}

/** By the names that the tables have. */
const nodePrograms: Readonly<Record<string, string>> = {
  rxweft: 'ours',
  'codec loop': 'codecLoop',
  kafkajs: 'kafkajsLoop',
  platformatic: 'platformaticLoop',
  'word count': 'wordCount',
}
const jvmPrograms: Readonly<Record<string, Pick<PeerOptions, 'tuned'> & { readonly kind: 'streams' | 'flink' }>> = {
  'Kafka Streams': { kind: 'streams', tuned: false },
  'Kafka Streams tuned': { kind: 'streams', tuned: true },
  Flink: { kind: 'flink', tuned: false },
  'Flink tuned': { kind: 'flink', tuned: true },
}

/** Those that do the uppercase job, in the order in which they take turns. */
export const uppercasePeers = ['rxweft', 'codec loop', 'kafkajs', 'platformatic', ...Object.keys(jvmPrograms)]

const compiled = join(import.meta.dirname, '../dist/bench/peers')

/** How long a program may take to end, ms. */
const patience = 15_000

/** @param nodeFlags for Node, in front of a program of ours */
export async function startProgram(
  lab: Lab,
  peer: string,
  { partitions, ...settings }: Settings,
  nodeFlags: readonly string[] = [],
): Promise<Program> {
  const jvm = jvmPrograms[peer]
  if (jvm !== undefined) {
    const { kind, tuned } = jvm
    const parallelism = Math.min(partitions, availableParallelism())
    return jvmProgram(await lab.jvm.peer(kind, { ...settings, brokers: lab.brokers, parallelism, tuned }))
  }
  return nodeProgram(nodePrograms[peer] ?? peer, { ...settings, brokers: lab.brokers }, nodeFlags)
}

function jvmProgram(peer: Awaited<ReturnType<Lab['jvm']['peer']>>): Program {
  let ended: string | null = null
  const gone = peer.exit.then(({ code, signal, said }) => {
    ended = `ended with ${signal ?? code}: ${said}`
  })
  return {
    pid: peer.pid,
    printed: [],
    get ended() {
      return ended
    },
    async stop() {
      if (ended !== null) throw new Error(ended)
      await peer.stop()
    },
    async kill() {
      process.kill(peer.pid, 'SIGKILL')
      await gone
    },
  }
}

async function nodeProgram(name: string, settings: PeerSettings, nodeFlags: readonly string[]): Promise<Program> {
  // As in production, whatever this process was started with.
  const env = { ...process.env, NODE_ENV: 'production', NODE_OPTIONS: '' }
  const args = [...nodeFlags, join(compiled, `${name}.js`), JSON.stringify(settings)]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], env })
  const exit = once(child, 'close')
  await once(child, 'spawn')
  const pid = child.pid as number
  const guard = endGuard('kill -9 "$1"', [String(pid)])
  const printed: [number, string][] = []
  let said = ''
  let ended: string | null = null
  createInterface({ input: child.stdout }).on('line', (line) => printed.push([Date.now(), line]))
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-4_000)
  })
  const gone = exit.then(([code, signal]) => {
    ended = `ended with ${signal ?? code}: ${said.trim()}`
    guard.dismiss()
    return code
  })
  return {
    pid,
    printed,
    get ended() {
      return ended
    },
    async stop() {
      if (ended !== null) throw new Error(ended)
      child.kill('SIGTERM')
      const late = setTimeout(() => child.kill('SIGKILL'), patience)
      const code = await gone
      clearTimeout(late)
      if (code !== 0) throw new Error(ended ?? '')
    },
    async kill() {
      child.kill('SIGKILL')
      await gone
    },
  }
}
