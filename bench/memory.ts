/**
 * The uppercase job with default options over large records and many partitions, in a cgroup with little memory: it reads a backlog to its
 * end, and what it has taken is printed. Fails where it is killed.
 *
 *   node --conditions=rxweft-source --import tsx bench/memory.ts [--mib 256] [--partitions 64] [--bytes 1000000] [--records 8]
 *
 * Needs root, Linux, and the memory controller of cgroup v1 or v2. Page cache counts too: its pages are given back before anybody is killed.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, rmdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startJavaBroker } from '../tools/broker/javaBroker.ts'
import { topicEnds } from '../tools/support/topicEnds.ts'
import { testTopics } from '../tools/support/topics.ts'
import { build } from './lab/withLab.ts'

const { values } = parseArgs({
  options: {
    mib: { type: 'string', default: '256' },
    partitions: { type: 'string', default: '64' },
    bytes: { type: 'string', default: '1000000' },
    records: { type: 'string', default: '8' },
  },
})
const [mib, partitions, bytes, records] = [values.mib, values.partitions, values.bytes, values.records].map(
  Number,
) as Four
type Four = [number, number, number, number]

await build()
const folder = await mkdtemp(join(tmpdir(), 'rxweft-memory-'))
const group = await memoryGroup(mib * 1_048_576)
const broker = await startJavaBroker({ startTimeout: 300_000 })
/** Compiled, as it would be deployed: tsx would live in the same group. */
const program = join(import.meta.dirname, 'dist/examples/program/uppercase.js')
try {
  process.exitCode = (await play()) ? 0 : 1
} finally {
  await broker.stop()
  await rm(folder, { recursive: true, force: true })
  await rmdir(group.path).catch(() => undefined)
}

async function play(): Promise<boolean> {
  const topics = await testTopics(broker.brokers)
  const [source, sink] = [await topics.create(partitions), await topics.create(partitions)]
  const value = Buffer.alloc(bytes, 'abcdefgh')
  for (let p = 0; p < partitions; p++) for (let at = 0; at < records; at++) await topics.append(source, [{ value }], p)
  console.log(`${partitions} partitions, ${records} records of ${bytes} bytes in each; limit ${mib} MiB`)
  const args = [program, '--brokers', broker.brokers.join(','), '--source', source, '--sink', sink, '--job', 'memory']
  const [start, script] = [performance.now(), 'echo $$ > "$0/cgroup.procs" && exec "$@"']
  const more = ['--checkpoints', join(folder, 'checkpoints'), '--until', 'latest']
  const child = spawn('sh', ['-c', script, group.path, process.execPath, ...args, ...more], {
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  let most = 0
  const look = setInterval(async () => {
    const status = await readFile(`/proc/${child.pid}/status`, 'utf8').catch(() => '')
    most = Math.max(most, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0))
  }, 100)
  const [code, signal] = await once(child, 'exit')
  clearInterval(look)
  const ends = await topicEnds(broker.brokers, sink, 'read_committed')
  await topics.close()
  const seconds = (performance.now() - start) / 1_000
  console.log(
    `ended with ${signal ?? code} after ${seconds.toFixed(1)} s; most resident ${Math.round(most / 1_024)} MiB, ${await group.story()}`,
  )
  console.log(`${ends.reduce((sum, end) => sum + end, 0)} offsets in the sink`)
  return code === 0
}

interface Group {
  readonly path: string
  /** The most that was charged, and how often the limit was met. */
  story(): Promise<string>
}

async function memoryGroup(limit: number): Promise<Group> {
  const one = '/sys/fs/cgroup/memory'
  const isOne = existsSync(join(one, 'memory.limit_in_bytes'))
  const path = join(isOne ? one : '/sys/fs/cgroup', `rxweft-memory-${process.pid}`)
  await mkdir(path)
  await writeFile(join(path, isOne ? 'memory.limit_in_bytes' : 'memory.max'), String(limit))
  const read = (file: string) => readFile(join(path, file), 'utf8').then((text) => text.trim().replaceAll('\n', ', '))
  return {
    path,
    async story() {
      if (!isOne) return `charged at most ${await read('memory.peak')}; ${await read('memory.events')}`
      return `charged at most ${Math.round(Number(await read('memory.max_usage_in_bytes')) / 1_048_576)} MiB, limit met ${await read('memory.failcnt')} times`
    },
  }
}
