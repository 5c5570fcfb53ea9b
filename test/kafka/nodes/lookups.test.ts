import { describe, expect, it } from 'vitest'
import { RetriableError } from '../../../src/errors.ts'
import { type Lookups, lookupsOf, shareLookups } from '../../../src/kafka/nodes/lookups.ts'
import type { Metadata } from '../../../src/kafka/protocol/metadata.ts'

const answer = { brokers: [], topics: [] } as unknown as Metadata
const own = { metadata: async () => ({ ...answer, controller: 7 }) }

function sharing() {
  const log: string[] = []
  let fails = false
  const cluster = { brokers: ['fake:9092'] }
  shareLookups(cluster, async (): Promise<Lookups> => {
    log.push('open')
    if (fails) throw new RetriableError('BROKERS_UNREACHABLE', 'no broker answers')
    return {
      metadata: async (topics) => {
        log.push(`ask ${topics.join()}`)
        return answer
      },
      close: async () => void log.push('close'),
    }
  })
  return {
    log,
    reader: () => lookupsOf(cluster, own),
    fail(now: boolean) {
      fails = now
    },
  }
}

describe('lookups of the readers of one cluster', () => {
  it('open one set of connections when the first asks, and close it with the last', async () => {
    const { log, reader } = sharing()
    const [a, b] = [reader(), reader()]
    expect(log).toEqual([])
    await Promise.all([a.metadata(['a']), b.metadata(['b'])])
    await a.close()
    await a.close()
    await b.metadata(['b'])
    expect(log).toEqual(['open', 'ask a', 'ask b', 'ask b'])
    await b.close()
    expect(log.at(-1)).toBe('close')
    const c = reader()
    await c.metadata(['c'])
    expect(log.slice(-2)).toEqual(['open', 'ask c'])
  })

  it('try again after the brokers could not be reached', async () => {
    const { log, reader, fail } = sharing()
    const one = reader()
    fail(true)
    await expect(one.metadata([])).rejects.toThrow('BROKERS_UNREACHABLE')
    fail(false)
    await one.metadata(['a'])
    await one.close()
    expect(log).toEqual(['open', 'open', 'ask a', 'close'])
  })

  it('use the connections of the reader if the cluster shares none', async () => {
    const lookups = lookupsOf({ brokers: [] }, own)
    expect(await lookups.metadata([])).toMatchObject({ controller: 7 })
    await lookups.close()
  })
})
