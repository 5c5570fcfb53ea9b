/** What frequent checkpoints cost: ours with several intervals over one topic, in turn. */
import type { Lab } from '../lab/lab.ts'
import { uppercaseRun } from './uppercase.ts'

export async function checkpoints(lab: Lab): Promise<void> {
  const { records, intervals, rounds } = lab.plan.checkpoints
  const source = await lab.topics.create('in', 1)
  lab.say(`checkpoints: ${records.toLocaleString('en-US')} records of 100 bytes`)
  await lab.jvm.feed({
    ...{ brokers: lab.brokers, topic: source.name, partitions: 1, records, valueBytes: 100, compression: 'none' },
  })
  for (let round = 1; round <= rounds; round++) {
    for (const interval of intervals) {
      const about = { scenario: 'checkpoints', shape: `${interval} ms`, peer: 'rxweft', round }
      lab.record(await uppercaseRun(lab, { ...about, source, records, compression: 'none', interval }))
    }
  }
  await source.delete()
}
