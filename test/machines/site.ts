/** Three brokers, the processes of a job, words that flow in, and what is known of all of it. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type ClusterRoles, clusterRoles } from '../../tools/broker/clusterRoles.ts'
import { type JavaCluster, nodeNames, startJavaCluster } from '../../tools/broker/javaCluster.ts'
import { machineOf, machinesGround } from '../../tools/machines/machinesGround.ts'
import { type Network, openNetwork } from '../../tools/machines/network.ts'
import { testTopics } from '../../tools/support/topics.ts'
import { startTraffic, type Traffic } from '../cluster/traffic.ts'
import { bundled } from './bundled.ts'
import { type LedgerTail, ledgerTail } from './ledgerTail.ts'
import type { Settings } from './settings.ts'
import { type Worker, worker } from './workers.ts'

export interface Site {
  readonly settings: Settings
  /** Null on loopback: no cable can be unplugged. */
  readonly network: Network | null
  readonly cluster: JavaCluster
  readonly roles: ClusterRoles
  readonly workers: readonly Worker[]
  readonly tail: LedgerTail
  /** Number of lines fed so far. */
  readonly fed: number
  /**
   * Resolves with the time at which every shard has committed a checkpoint after `since`, ms since
   * the epoch; with null if that takes longer than `limit` ms.
   */
  committed(since: number, limit: number): Promise<number | null>
  /** Resolves once everything that is fed now is counted, and each word has been; with whether that was in time. */
  counted(limit: number): Promise<boolean>
  /** Resolves once every process runs shards and all commit, with whether that was in time. */
  whole(limit: number): Promise<boolean>
  /** Feeds no more; resolves with true once everything fed is counted, with false once nothing was counted for `limit` ms. */
  drained(limit: number): Promise<boolean>
  close(): Promise<void>
}

/** Number of different words. */
const words = 1_000

export const topics = { lines: 'lines', counts: 'counts' }
/** Of the program in examples/machines. */
export const jobName = 'many-cores'

export async function openSite(settings: Settings): Promise<Site> {
  const names = Array.from({ length: settings.processes }, (_, at) => `p${at + 1}`)
  const network = settings.machines ? await openNetwork([...nodeNames.map(machineOf), ...names]) : null
  const cluster = await startJavaCluster({
    ...(network === null ? {} : { ground: machinesGround(network, names) }),
    properties: { 'group.min.session.timeout.ms': '6000' },
  })
  const made = await testTopics(cluster.brokers)
  const partitions = settings.shards
  for (const name of Object.values(topics)) await made.create(partitions, {}, name)
  const roles = clusterRoles(cluster)
  const traffic = await startTraffic(cluster.brokers, topics.lines, [topics.counts])
  const tail = await ledgerTail(cluster.brokers, jobName, settings.shards)
  const folder = await mkdtemp(join(tmpdir(), 'rxweft-machines-'))
  const program = await bundled(join(import.meta.dirname, programOf(settings)))
  const env = {
    KAFKA_BROKERS: cluster.jobBrokers.join(','),
    SHARDS: String(settings.shards),
    INTERVAL: String(settings.interval),
    PORT: '0',
    THREADS: '1',
    SESSION: '6000',
    WORD_BYTES: String((settings.state * 1e6 * settings.shards) / words),
    FOLDER: folder,
  }
  const workers = names.map((name) =>
    worker(name, { program: program.file, env, command: network?.command(name) ?? [] }),
  )
  const feeding = startFeeding(traffic, partitions, settings.every)

  /** Commit times after `since`, of the shards that have any. */
  function after(since: number): ReadonlySet<number> {
    return new Set(tail.commits.filter(({ time }) => time > since).map(({ shard }) => shard))
  }

  async function within(limit: number, isTrue: () => boolean | Promise<boolean>): Promise<boolean> {
    for (const deadline = Date.now() + limit; !(await isTrue()); await pause(50))
      if (Date.now() > deadline) return false
    return true
  }

  function balanced(): boolean {
    const alive = workers.filter(({ state }) => state === 'running').length
    return new Set(tail.owners.values()).size === Math.min(alive, settings.shards)
  }

  return {
    ...{ settings, network, cluster, roles, workers, tail },
    get fed() {
      return feeding.fed()
    },
    committed: async (since, limit) =>
      (await within(limit, () => after(since).size === settings.shards)) ? Date.now() : null,
    async counted(limit) {
      await within(limit, () => feeding.words() >= words)
      const fed = feeding.words()
      return within(limit, () => traffic.seen.length >= fed)
    },
    async whole(limit) {
      const since = Date.now()
      return within(limit, () => balanced() && after(since).size === settings.shards)
    },
    async drained(limit) {
      feeding.stop()
      await traffic.flushed()
      const fed = feeding.words()
      for (let before = -1; traffic.seen.length > before; ) {
        before = traffic.seen.length
        if (await within(limit, () => traffic.seen.length >= fed)) return true
      }
      return false
    },
    async close() {
      feeding.stop()
      await Promise.all(workers.map((one) => one.kill()))
      await traffic.close()
      await tail.close()
      await made.close().catch(() => undefined)
      await cluster.stop()
      await program.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

const programOf = ({ state }: Settings): string =>
  state > 0 ? 'programs/largeWordCount.ts' : '../../examples/machines/wordCount.ts'

/** Three words a line: of a thousand, so that each partition has some. */
function startFeeding(traffic: Traffic, partitions: number, every: number) {
  let lines = 0
  const timer = setInterval(() => {
    const batch = Array.from({ length: partitions }, (_, partition) => ({ partition, value: line(lines + partition) }))
    lines += partitions
    traffic.feed(batch)
  }, every)
  return { fed: () => lines, words: () => lines * 3, stop: () => clearInterval(timer) }
}

export function line(number: number): string {
  return [number, number * 7 + 1, number * 31 + 2].map((one) => wordOf(one % words)).join(' ')
}

/** Letters only: digits would be cut off. */
function wordOf(number: number): string {
  return `w${[...String(number)].map((digit) => 'abcdefghij'[Number(digit)]).join('')}`
}
