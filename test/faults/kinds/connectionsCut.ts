/** Connections that are cut after the request, so that the broker never gets it, or before the answer, so that the job never hears. */
import { api, type Fault } from '../fault.ts'
import { between } from '../seededRandom.ts'

type Lose = 'request' | 'answer'

/** The job goes on by itself. */
function cut(name: string, number: number, lose: Lose, rest: Partial<Fault> = {}): Fault {
  return {
    name: `${name}: ${lose} lost`,
    ...rest,
    async inject({ arena, lines, copies, random, running }) {
      // Only an attempt that starts asks for producer ids, four times: twice for each of its transactional ids.
      const atStart = number === api.initProducerId
      if (atStart) await copies.kill()
      else await running()
      const happened = arena.proxy.cutAt({ api: number, nth: between(random, 1, atStart ? 4 : 6), lose })
      if (atStart) copies.start()
      await lines.feedUntil(happened)
    },
  }
}

function both(name: string, number: number, rest: Partial<Fault> = {}): readonly Fault[] {
  return (['request', 'answer'] as const).map((lose) => cut(name, number, lose, rest))
}

export const connectionsCut: readonly Fault[] = [
  ...both('EndTxn', api.endTxn, { short: 2 }),
  ...both('Produce', api.produce, { short: 1 }),
  ...both('TxnOffsetCommit', api.txnOffsetCommit, { short: 1 }),
  ...both('InitProducerId', api.initProducerId, { short: 1 }),
  // These exist in transaction protocol v1 only.
  ...both('AddPartitionsToTxn', api.addPartitionsToTxn, { protocol: 1 }),
  ...both('AddOffsetsToTxn', api.addOffsetsToTxn, { protocol: 1 }),
]
