/**
 * What a checkpoint of large state costs: a million keys with values of 100 bytes, of which 1 % change between two checkpoints, one a second.
 *
 *   node --conditions=rxweft-source --expose-gc --import tsx bench/state.ts [--keys 1000000] [--changes 10000] [--checkpoints 20] [--lmdb]
 *
 * Reports how long the thread was blocked (the longest time in which no timer had its turn) with a checkpoint under way and without, and how large
 * the snapshots were against the changes. Then everything is read back, and each key compared.
 */
import { rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { parseArgs } from 'node:util'
import type { JobHandle } from 'rxweft'
import { largeState, restored } from './largeState.ts'
import { watchTurns } from './turns.ts'

const { values } = parseArgs({
  options: {
    keys: { type: 'string', default: '1000000' },
    changes: { type: 'string', default: '10000' },
    checkpoints: { type: 'string', default: '20' },
    lmdb: { type: 'boolean', default: false },
  },
})
const keys = Number(values.keys)
const changes = Number(values.changes)
const folder = join(tmpdir(), `rxweft-bench-state-${process.pid}`)

const { source, sink, run: start } = largeState('bench-state', folder, values.lmdb)

/** What it was like to wait for a turn, ms: the longest, and 99 of 100; and the longest turn that anybody had, in CPU time. */
function watchLoop() {
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const longestTurn = watchTurns()
  return () => {
    delay.disable()
    return { longest: delay.max / 1e6, p99: delay.percentile(99) / 1e6, longestTurn: longestTurn() }
  }
}

function run(): { handle: JobHandle; stored: { bytes: number }[]; durations: number[] } {
  const handle = start()
  const stored: { bytes: number }[] = []
  const durations: number[] = []
  handle.events$.subscribe((event) => {
    if (event.type === 'checkpoint-stored') stored.push(event)
    if (event.type === 'checkpoint-committed') durations.push(event.duration)
  })
  return { handle, stored, durations }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** A change of each key in `which`, in small portions over `ms`. */
async function change(which: readonly number[], round: number, ms: number): Promise<void> {
  const portions = Math.max(1, Math.floor(ms / 10))
  const size = Math.ceil(which.length / portions)
  for (let at = 0; at < which.length; at += size) {
    source.push(...which.slice(at, at + size).map((key) => ({ key, round })))
    if (ms > 0) await pause(10)
  }
}

async function until(reached: () => boolean): Promise<void> {
  while (!reached()) await pause(5)
}

const started = performance.now()
const first = run()
for (let at = 0; at < keys; at += 10_000) {
  await change(
    Array.from({ length: Math.min(10_000, keys - at) }, (_, i) => at + i),
    0,
    0,
  )
  await pause(0)
}
await until(() => sink.records.length === keys)
const filled = performance.now() - started
await until(() => first.durations.length >= 2)
await pause(2_000)

const latest = new Map<number, number>()
const idleLoop = watchLoop()
await pause(900)
const idle = idleLoop()
const before = first.stored.length
const busyLoop = watchLoop()
for (let round = 1; round <= Number(values.checkpoints); round++) {
  const which = Array.from({ length: changes }, (_, i) => (round * 7919 + i * 101) % keys)
  for (const key of which) latest.set(key, round)
  await change(which, round, 900)
  await pause(100)
}
const busy = busyLoop()
const sizes = first.stored.slice(before).map(({ bytes }) => bytes)
const result = await first.handle.stop()

const again = performance.now()
const second = run()
await restored(second.handle)
const restoredIn = performance.now() - again
await second.handle.cancel()
const median = (numbers: readonly number[]): number =>
  [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0
console.log(
  JSON.stringify(
    {
      ...{
        keys,
        changes,
        state: values.lmdb ? 'lmdb' : 'memory',
        node: process.version,
        checkpoints: result.checkpoint,
      },
      fillRecordsPerSecond: Math.round(keys / (filled / 1_000)),
      blockedMs: { idle, withCheckpoints: busy },
      snapshotBytes: { median: median(sizes), largest: Math.max(...sizes) },
      bytesPerChange: Math.round(median(sizes) / changes),
      checkpointMs: { median: Math.round(median(first.durations.slice(before))) },
      restoreMs: Math.round(restoredIn),
      rssMiB: Math.round(process.memoryUsage.rss() / 2 ** 20),
    },
    null,
    2,
  ),
)
rmSync(folder, { recursive: true, force: true })
