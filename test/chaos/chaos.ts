/**
 * `npm run chaos -- --minutes M [--seed S]`: the uppercase program against a real broker under every fault there is, in random order
 * until the minutes are over. It prints a row per fault, and fails on anything but zeros, or on a fault that was never injected.
 * With --cluster: on three brokers, see test/cluster/chaos.ts; with --processes: see test/processes/chaos.ts.
 */

import { javaAvailable } from '../../tools/support/javaTool.ts'
import { clusterChaos } from '../cluster/chaos.ts'
import { type Arena, openArena } from '../faults/arena.ts'
import type { Fault } from '../faults/fault.ts'
import { faults as all } from '../faults/faults.ts'
import { seededRandom } from '../faults/seededRandom.ts'
import { processChaos } from '../processes/chaos.ts'
import { parse } from './arguments.ts'
import { type Injection, playRound } from './playRound.ts'
import { rounds } from './rounds.ts'
import { isFine, rowOf, table } from './table.ts'

const given = parse(process.argv.slice(2))
const { cluster, minutes, seed, only, round } = given
const faults = all.filter(({ name }) => name.includes(only))
const skipped = new Map<Fault, string>()
const injections: Injection[] = []
const arenas = new Map<1 | 2, Arena>()
let clean = true

async function arenaOf(protocol: 1 | 2): Promise<Arena> {
  const arena = arenas.get(protocol) ?? (await openArena(protocol))
  arenas.set(protocol, arena)
  return arena
}

async function play(): Promise<void> {
  const end = performance.now() + minutes * 60_000
  const isOver = (): boolean => performance.now() >= end
  const random = seededRandom(seed)
  let number = 0
  for (const { protocol, faults: some } of rounds(random, possible, round)) {
    if (isOver()) return
    number += 1
    console.log(`\nround ${number}, transaction protocol v${protocol}`)
    // Of its own, so that a round does not depend on how many numbers the one before has taken.
    const played = await playRound(await arenaOf(protocol), some, seededRandom(Math.floor(random() * 2 ** 32)), isOver)
    injections.push(...played.injections)
    clean &&= played.clean
  }
}

function report(): boolean {
  const rows = faults.map((fault) => rowOf(fault, injections, skipped.get(fault) ?? null))
  console.log(`\nnpm run chaos -- --minutes ${minutes} --seed ${seed}\n`)
  for (const line of table(rows)) console.log(line)
  const fine = clean && rows.every(isFine)
  console.log(`\n${injections.length} faults injected; ${fine ? 'nothing lost, duplicated or reordered' : 'FAILED'}`)
  return fine
}

if (!(await javaAvailable())) {
  console.error('npm run chaos needs Java 17 or newer, and Maven: for a broker to kill, and for the judge')
  process.exit(2)
}
console.log(`seed ${seed}`)
if (cluster) process.exit((await clusterChaos(given)) ? 0 : 1)
if (given.processes) process.exit(await processChaos(given))
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    report()
    process.exit(1)
  })
}
for (const fault of faults) {
  const reason = await fault.impossible?.()
  if (reason) skipped.set(fault, reason)
}
const possible = faults.filter((fault) => !skipped.has(fault))
let fine = false
try {
  await play()
} finally {
  for (const arena of arenas.values()) await arena.close()
  fine = report()
}
process.exit(fine ? 0 : 1)
