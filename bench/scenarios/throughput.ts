/**
 * The uppercase job of all programs, with several kinds of records. They take turns: run 1 of each,
 * run 2 of each, ...
 */
import type { Lab } from '../lab/lab.ts'
import { uppercasePeers } from '../lab/program.ts'
import type { Shape } from '../plan.ts'
import { uppercaseRun } from './uppercase.ts'
import { zstdInNode } from './zstdInNode.ts'

export async function throughput(lab: Lab): Promise<void> {
  for (const shape of lab.plan.throughput) await inShape(lab, shape)
}

async function inShape(lab: Lab, { name: shape, rounds, peers = uppercasePeers, ...settings }: Shape): Promise<void> {
  const able = peers.filter((peer) => lab.wants(peer) && canDo(lab, peer, settings))
  if (able.length === 0) return
  const { records, valueBytes, partitions, compression, interval } = settings
  const source = await lab.topics.create('in', partitions)
  const fed = { topic: source.name, partitions, records, valueBytes, compression }
  lab.say(`throughput, ${shape}: ${records.toLocaleString('en-US')} records of ${valueBytes} bytes`)
  await lab.jvm.feed({ brokers: lab.brokers, ...fed })
  const run = (peer: string, round: number) =>
    uppercaseRun(lab, { scenario: 'throughput', shape, peer, round, source, records, compression, interval })
  const warm = Date.now() + lab.plan.warmUp
  do await run(able[0] as string, 0)
  while (Date.now() < warm)
  for (let round = 1; round <= rounds; round++) for (const peer of able) lab.record(await run(peer, round))
  await source.delete()
}

/** @platformatic/kafka has no zstd but Node's own. */
function canDo(lab: Lab, peer: string, { compression }: Pick<Shape, 'compression'>): boolean {
  if (peer !== 'platformatic' || compression !== 'zstd' || zstdInNode) return true
  lab.say(`platformatic has no zstd on Node ${process.version}, and is left out`)
  return false
}
