/** What more threads bring: ours over several partitions, with several numbers of shards, in turn. The broker is on the same cores. */
import type { Lab } from '../lab/lab.ts'
import { uppercaseRun } from './uppercase.ts'

export async function shards(lab: Lab): Promise<void> {
  const { records, partitions, counts, rounds } = lab.plan.shards
  const source = await lab.topics.create('in', partitions)
  lab.say(`shards: ${records.toLocaleString('en-US')} records of 100 bytes in ${partitions} partitions`)
  await lab.jvm.feed({
    ...{ brokers: lab.brokers, topic: source.name, partitions, records, valueBytes: 100, compression: 'none' },
  })
  for (let round = 1; round <= rounds; round++) {
    for (const count of counts) {
      const about = { scenario: 'shards', shape: `${count} of ${partitions} partitions`, peer: 'rxweft', round }
      lab.record(
        await uppercaseRun(lab, { ...about, source, records, compression: 'none', interval: 1_000, shards: count }),
      )
    }
  }
  await source.delete()
}
