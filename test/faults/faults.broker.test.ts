/**
 * The promise of the README under the faults that cost other systems records: the real program, a real broker, a proxy that cuts
 * connections where it hurts, and Java's console consumer as the judge.
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { JavaBroker } from '../broker/foundBroker.ts'
import { startJavaBroker } from '../broker/javaBroker.ts'
import { oracleAvailable } from '../support/consoleConsumer.ts'
import { type KafkaProxy, startKafkaProxy } from './kafkaProxy.ts'
import { type Scenario, scenario } from './scenario.ts'
import { seededRandom } from './seededRandom.ts'

const api = { produce: 0, initProducerId: 22, endTxn: 26, txnOffsetCommit: 28 }

describe.skipIf(!(await oracleAvailable()))('nothing is lost, doubled or reordered', { timeout: 120_000 }, () => {
  let proxy: KafkaProxy
  let broker: JavaBroker
  let run: Scenario

  beforeAll(async () => {
    proxy = await startKafkaProxy()
    broker = await startJavaBroker({ listeners: { PROXIED: { protocol: 'PLAINTEXT', advertised: proxy.address } } })
    proxy.target = broker.addresses.PROXIED as string
  }, 120_000)

  beforeEach(async () => {
    run = await scenario(broker.brokers[0] as string, proxy.address)
  })

  afterEach(() => run.close())

  afterAll(async () => {
    await proxy.close()
    await broker.stop()
  })

  it('when the program is killed at random moments', async () => {
    const random = seededRandom()
    for (let kills = 0; kills < 8; kills++) {
      const program = run.start()
      const commits = Math.floor(random() * 4)
      await run.feedUntil(program.untilSaid(new RegExp(`restored(.*\n)+(.*committed.*\n){${commits}}|reading from`)))
      await run.feed(Math.floor(random() * 400))
      await program.kill()
    }
    expect(await run.verdict()).toBe(run.allWell)
  })

  it.each(['barrier', 'prepared', 'stored', 'ledger', 'ending', 'committed', 'rolled'])(
    'when the program is killed at the step "%s"',
    async (step) => {
      const program = run.start([], { RXWEFT_CRASH_AT: `${step}:3` })
      await run.feedUntil(program.ended)
      expect(await program.ended).toBe('SIGKILL')
      expect(await run.verdict()).toBe(run.allWell)
    },
  )

  it.each(['request', 'answer'] as const)(
    'when the %s of the ninth EndTxn is lost, the program killed there, and started after its transactions have expired',
    async (lose) => {
      const cut = proxy.cutAt({ api: api.endTxn, nth: 9, lose })
      const program = run.start(['--transaction-timeout', '2000'])
      const killed = cut.then(() => program.kill())
      await run.feedUntil(killed)
      await run.decided()
      expect(await run.verdict()).toBe(run.allWell)
    },
  )

  it.each([
    ['Produce', api.produce, [5, 9, 13]],
    ['TxnOffsetCommit', api.txnOffsetCommit, [1, 2, 3]],
    ['EndTxn', api.endTxn, [2, 5, 9]],
    // The second and fourth of an attempt's four: one a fence, and the other id's.
    ['InitProducerId', api.initProducerId, [2, 4]],
  ] as const)(
    'when an answer to %s is lost, again and again, and the program goes on by itself',
    async (_, number, all) => {
      let cut = proxy.cutAt({ api: number, nth: all[0], lose: 'answer' })
      const program = run.start()
      for (const nth of all.slice(1)) {
        await run.feedUntil(cut)
        cut = proxy.cutAt({ api: number, nth, lose: 'answer' })
      }
      await run.feedUntil(cut)
      program.signal('SIGTERM')
      expect(await program.ended).toBe(0)
      expect(await run.verdict()).toBe(run.allWell)
    },
  )

  it('when the broker is killed three times', async () => {
    const program = run.start()
    for (let kills = 1; kills <= 3; kills++) {
      await run.feedUntil(program.untilSaid(new RegExp(`(restored|reading from)(.*\n)+(.*committed.*\n){${kills}}`)))
      await run.feed(2_000)
      await broker.restart()
    }
    await run.feed(100)
    program.signal('SIGTERM')
    expect(await program.ended).toBe(0)
    expect(await run.verdict()).toBe(run.allWell)
  })

  it('when two copies are started at once: one of them ends as Fenced', async () => {
    const copies = [run.start(), run.start()]
    const ends = copies.map(async (copy) => ({ copy, how: await copy.ended }))
    await run.feedUntil(Promise.race(ends))
    const { copy, how } = await Promise.race(ends)
    expect(how).toBe(1)
    expect(copy.said).toContain('OWNED_BY_ANOTHER')
    await run.feed(500)
    expect(await run.verdict()).toBe(run.allWell)
  })

  it('when a newer copy takes over: the older one ends as Fenced', async () => {
    const older = run.start()
    await run.feedUntil(older.untilSaid(/committed/))
    const newer = run.start()
    await run.feedUntil(older.ended)
    expect(await older.ended).toBe(1)
    expect(older.said).toContain('OWNED_BY_ANOTHER')
    await run.feedUntil(newer.untilSaid(/committed/))
    newer.signal('SIGTERM')
    expect(await newer.ended).toBe(0)
    expect(await run.verdict()).toBe(run.allWell)
  })

  it('when a copy sleeps past its transaction timeout, is replaced, and wakes up: it ends as Fenced', async () => {
    const sleeper = run.start(['--transaction-timeout', '2000'])
    await run.feedUntil(sleeper.untilSaid(/(committed.*\n.*){3}/))
    sleeper.signal('SIGSTOP')
    await run.feed(1_000)
    await run.decided()
    const replacement = run.start()
    await run.feedUntil(replacement.untilSaid(/(committed.*\n.*){3}/))
    sleeper.signal('SIGCONT')
    await run.feedUntil(sleeper.ended)
    expect(await sleeper.ended).toBe(1)
    expect(sleeper.said).toContain('OWNED_BY_ANOTHER')
    replacement.signal('SIGTERM')
    expect(await replacement.ended).toBe(0)
    expect(await run.verdict()).toBe(run.allWell)
  })
})
