import { describe, expect, it } from 'vitest'
import type { AttemptContext } from '../../../src/attempt.ts'
import type { SourceReader } from '../../../src/contracts/source.ts'
import { RetriableError } from '../../../src/errors.ts'
import type { KafkaCluster } from '../../../src/kafka/cluster.ts'
import { purging } from '../../../src/kafka/repartition/purge.ts'
import { settle, virtualClock } from '../../../src/testing/virtualClock.ts'

const splits = [{ topic: 't', partition: 0, offset: 7 }]

/** A reader, all of whose removals fail, once the gate is open. */
function failing(interval: number) {
  const clock = virtualClock()
  let [tries, open] = [0, (): void => undefined]
  const cluster = {
    async connect() {
      tries++
      await new Promise<void>((resolve) => {
        open = resolve
      })
      throw new RetriableError('BROKERS_UNREACHABLE', 'nobody is there')
    },
  } as unknown as KafkaCluster
  const attempt = { clock } as unknown as AttemptContext
  const reader = purging({} as SourceReader<string>, attempt, cluster, 't', interval)
  const release = () => (reader.release?.(splits) ?? []).map((error) => (error as RetriableError).code)
  return { clock, release, tries: () => tries, open: () => open() }
}

describe('purging what has been read', () => {
  it('is tried now and then, and tells at the next checkpoint what has failed, once', async () => {
    const { clock, release, tries, open } = failing(1_000)
    expect(release()).toEqual([])
    expect(tries()).toBe(0)
    clock.advance(1_000)
    expect(release()).toEqual([])
    expect(tries()).toBe(1)
    open()
    await settle()
    expect(release()).toEqual(['BROKERS_UNREACHABLE'])
    expect(release()).toEqual([])
    clock.advance(1_000)
    release()
    expect(tries()).toBe(2)
  })

  it('is not tried again while it is under way', () => {
    const { clock, release, tries } = failing(1_000)
    for (let turn = 0; turn < 3; turn++) {
      clock.advance(1_000)
      release()
    }
    expect(tries()).toBe(1)
  })
})
