/**
 * What a start with large state costs: a million keys with values of 100 bytes are read from their
 * snapshots, in memory or into LMDB.
 *
 *   node --conditions=rxweft-source --import tsx bench/restore.ts [--keys 1000000] [--starts 5]
 *     [--lmdb] [--folder F]
 *
 * Reports the time from `execute` to the event `restored` of each start, and the CPU time of all
 * threads. With --folder, the state is
 * kept there and used again, so that two versions can be compared in turn.
 */
import { existsSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Change, largeState, restored } from './largeState.ts'

const { values } = parseArgs({
  options: {
    keys: { type: 'string', default: '1000000' },
    starts: { type: 'string', default: '5' },
    lmdb: { type: 'boolean', default: false },
    folder: { type: 'string' },
  },
})
const keys = Number(values.keys)
const folder = values.folder ?? join(tmpdir(), `rxweft-bench-restore-${process.pid}`)

const kept = existsSync(join(folder, 'checkpoints'))
// What is already in the state is not read again: one object stands for all.
const input = kept
  ? new Array<Change>(keys).fill({ key: 0, round: 0 })
  : Array.from({ length: keys }, (_, key): Change => ({ key, round: key }))
const { source, sink, run } = largeState('bench-restore', folder, values.lmdb, kept ? input : [])

async function fill(): Promise<void> {
  const handle = run()
  for (let at = 0; at < keys; at += 10_000) {
    source.push(...input.slice(at, at + 10_000))
    while (sink.records.length < at - 50_000) await new Promise((resolve) => setTimeout(resolve, 5))
  }
  while (sink.records.length < keys) await new Promise((resolve) => setTimeout(resolve, 5))
  await handle.stop()
}

async function start(): Promise<readonly [ms: number, cpuMs: number]> {
  const [began, before] = [performance.now(), process.cpuUsage()]
  const handle = run()
  await restored(handle)
  const took = performance.now() - began
  const { user, system } = process.cpuUsage(before)
  await handle.cancel()
  return [Math.round(took), Math.round((user + system) / 1_000)]
}

if (!kept) await fill()
const starts: (readonly [number, number])[] = []
for (let left = Number(values.starts); left > 0; left--) starts.push(await start())
const [restoreMs, cpuMs] = [starts.map(([ms]) => ms), starts.map(([, ms]) => ms)]
console.log(JSON.stringify({ keys, state: values.lmdb ? 'lmdb' : 'memory', node: process.version, restoreMs, cpuMs }))
if (values.folder === undefined) rmSync(folder, { recursive: true, force: true })
