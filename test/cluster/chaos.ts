/**
 * `npm run chaos -- --cluster --minutes M [--seed S]`: a job with state and two sinks on three brokers, under every fault of a cluster in
 * random order until the minutes are over, while Java reads along. First a rolling upgrade from the oldest Kafka to the newest with
 * faults in between, then rounds on each version in turn. It fails on anything that a checker finds, and prints how soon commits came.
 */
import { kafkaVersions } from '../../tools/broker/kafkaJars.ts'
import type { Arguments } from '../chaos/arguments.ts'
import { rounds } from '../chaos/rounds.ts'
import { seededRandom, shuffled } from '../faults/seededRandom.ts'
import { costTable, recoveriesOf, showRecoveries } from './costs.ts'
import type { ClusterFault } from './fault.ts'
import { clusterFaults } from './faults.ts'
import { type ClusterRound, playClusterRound, type Struck } from './playClusterRound.ts'
import { upgradeTo } from './upgrade.ts'

const [oldest, ...newer] = kafkaVersions
const upgrades = newer.map(upgradeTo)

/** Resolves with whether all is well. */
export async function clusterChaos({ minutes, seed, only, round: size }: Arguments): Promise<boolean> {
  const named = (fault: ClusterFault): boolean => fault.name.includes(only)
  const [faults, upgrading] = [clusterFaults.filter(named), upgrades.some(named)]
  const struck: Struck[] = []
  const end = performance.now() + minutes * 60_000
  const isOver = (): boolean => performance.now() >= end
  const random = seededRandom(seed)
  let clean = true

  function report(): boolean {
    console.log(`\nnpm run chaos -- --cluster --minutes ${minutes} --seed ${seed}\n`)
    const all = [...(upgrading ? upgrades : []), ...faults].filter((fault) =>
      struck.some((one) => one.fault.name === fault.name),
    )
    if (all.length > 0) for (const line of costTable(all, struck)) console.log(line)
    const recoveries = recoveriesOf(struck)
    console.log(recoveries === null ? '\nno fault was injected' : `\n${showRecoveries(recoveries)}`)
    const fine = clean && recoveries !== null
    console.log(fine ? 'no checker has found anything' : 'FAILED')
    return fine
  }

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      report()
      process.exit(1)
    })
  }
  let number = 0
  for (const one of clusterRounds(random, faults, size, upgrading)) {
    if (isOver()) break
    number += 1
    console.log(`\nround ${number}, Kafka ${one.version}`)
    const own = seededRandom(Math.floor(random() * 2 ** 32))
    if (!(await playClusterRound(one, own, isOver, struck))) clean = false
  }
  return report()
}

/** Every fault comes once before any comes again. */
export function* clusterRounds(
  random: () => number,
  faults: readonly ClusterFault[],
  size: number,
  upgrading: boolean,
): Generator<ClusterRound, void> {
  if (upgrading) {
    const between = () => shuffled(random, faults).slice(0, 2)
    yield { version: oldest, faults: [...between(), ...upgrades.flatMap((upgrade) => [upgrade, ...between()])] }
  }
  if (faults.length === 0) return
  let number = 0
  for (const { faults: some } of rounds(random, faults, size)) {
    yield { version: kafkaVersions[++number % kafkaVersions.length] as string, faults: some }
  }
}
