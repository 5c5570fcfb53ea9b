/** Ours over many records: how much memory it takes at most, and whether that grows. */
import type { Lab } from '../lab/lab.ts'
import { growthOf } from '../measure/memory.ts'
import { uppercaseRun } from './uppercase.ts'

export async function memory(lab: Lab): Promise<void> {
  const { records } = lab.plan.memory
  const source = await lab.topics.create('in', 1)
  lab.say(`memory: ${records.toLocaleString('en-US')} records of 100 bytes`)
  await lab.jvm.feed({
    ...{ brokers: lab.brokers, topic: source.name, partitions: 1, records, valueBytes: 100, compression: 'none' },
  })
  const run = await uppercaseRun(lab, {
    ...{ scenario: 'memory', shape: '100 B', peer: 'rxweft', round: 1 },
    ...{ source, records, compression: 'none', interval: 1_000 },
  })
  const growth = growthOf(run.memory ?? [])
  lab.record({ ...run, figures: { ...run.figures, ...(growth === null ? {} : { growth }) } })
  await source.delete()
}
