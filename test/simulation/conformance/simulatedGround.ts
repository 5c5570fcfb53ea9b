/** The simulated brokers without any fault, as the ground of a conformance script. */
import { brokers } from '../broker/brokers.ts'
import { moods } from '../broker/moods.ts'
import { agenda } from '../core/agenda.ts'
import { simulatedProcess } from '../core/process.ts'
import { seededRandom } from '../core/random.ts'
import { loadRxweft } from '../core/rxweft.ts'
import { trace } from '../core/trace.ts'
import { simulatedCluster } from '../network/cluster.ts'
import { noFaults } from '../network/faultRates.ts'
import type { Ground } from './ground.ts'

/** Runs the script in virtual time. */
export async function onSimulation<A>(script: (ground: Ground) => Promise<A>): Promise<A> {
  const random = seededRandom(1)
  const time = agenda()
  const all = brokers({
    ...{
      agenda: time,
      random,
      trace: trace(time.now, false),
      moods: moods(random),
      nodes: 1,
      // As tools/broker sets it for brokers of tests.
      groupDelay: 0,
      decided: () => undefined,
    },
  })
  all.shared.moods.rates.shortFetch = 0
  const process = simulatedProcess('script', time)
  const cluster = simulatedCluster({
    ...{ rxweft: await loadRxweft(), brokers: all, process, rates: noFaults, aimed: new Map() },
    ...{ reaches: () => true, requestTimeout: 30_000, transactionVersion: 2 },
  })
  let count = 0
  const expire = (): void => {
    all.shared.transactions.expire()
    time.after(100, expire)
  }
  expire()
  const name = (): string => `name-${count++}`
  const running = cluster.connect('script').then((connections) =>
    script({
      ...{ connections, name, connect: () => cluster.connect('script') },
      async createTopic(minIsr) {
        const topic = name()
        all.shared.topology.create(topic, 2, minIsr)
        return topic
      },
      pause: (ms) => new Promise((resolve) => time.after(ms, resolve)),
      async age(id, epoch) {
        Object.assign(all.shared.transactions.all.get(id) ?? {}, { epoch })
      },
    }),
  )
  let done = false
  const over = running.finally(() => {
    done = true
  })
  over.catch(() => undefined)
  await time.runUntil(() => done, 600_000)
  return over
}
