/**
 * `npm run chaos -- --processes --minutes M [--seed S] [--kafka V]`: three processes of a job with
 * state, rules, windows and late records over three brokers, under every fault of processes and
 * brokers for so many minutes, not counting starts and verdicts, or until a round fails. Each round
 * ends with the verdict: what came out of each key is what one undisturbed process writes.
 */
import { kafkaJars, kafkaVersions } from '../../tools/broker/kafkaJars.ts'
import type { Network } from '../../tools/machines/network.ts'
import { againInOwnNamespaces, inOwnNamespaces, whyNoNamespaces } from '../../tools/machines/ownNamespaces.ts'
import type { Arguments } from '../chaos/arguments.ts'
import { seededRandom } from '../faults/seededRandom.ts'
import { brokerFaults } from './brokerFaults.ts'
import type { ProcessFault } from './fault.ts'
import { playRound } from './playRound.ts'
import { processFaults } from './processFaults.ts'
import { machines } from './site.ts'
import { type Strike, strikes } from './strikes.ts'

/** Resolves with the exit code. */
export async function processChaos(given: Arguments): Promise<number> {
  const versions = kafkaVersions.filter((version) => version.startsWith(given.kafka))
  for (const version of versions) await kafkaJars(version)
  if (inOwnNamespaces()) return play(given, versions, await machines())
  const why = await whyNoNamespaces()
  if (why === null) return againInOwnNamespaces()
  console.log(`on loopback, without cut cables: network namespaces cannot be made here (${why})`)
  return play(given, versions, null)
}

async function play(
  { minutes, seed, only, round: size, short }: Arguments,
  versions: readonly string[],
  network: Network | null,
): Promise<number> {
  const faults = [...processFaults, ...brokerFaults].filter((fault: ProcessFault) => {
    const wanted = short ? fault.short === true : fault.name.includes(only)
    return wanted && (network !== null || fault.needsMachines !== true)
  })
  let left = minutes * 60_000
  const isOver = (): boolean => left <= 0
  const spent = (duration: number): void => {
    left -= duration
  }
  const random = seededRandom(seed)
  const schedule = strikes(random, faults)
  let [number, clean, count] = [0, true, 0]

  function* some(): Generator<Strike, void> {
    for (let strike = 0; strike < size; strike++) {
      const { value } = schedule.next()
      if (value === undefined) return
      count += value.length
      yield value
    }
  }

  do {
    const version = versions[number % versions.length] as string
    number += 1
    console.log(`\nround ${number}, Kafka ${version}, state in ${number % 2 === 1 ? 'memory' : 'LMDB'}`)
    const own = seededRandom(Math.floor(random() * 2 ** 32))
    const parts = { version, network, strikes: some(), inMemory: number % 2 === 1, isOver, spent }
    clean = await playRound(parts, own)
  } while (clean && !short && !isOver())
  console.log(`\n${number} rounds, ${count} faults, seed ${seed}: ${clean ? 'no difference' : 'FAILED'}`)
  return clean ? 0 : 1
}
