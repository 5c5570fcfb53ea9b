/** The attempt after a fenced one. */
import { describe, expect, it } from 'vitest'
import { fixedDelay, noRestart } from '../../src/job/restart.ts'
import { memorySource } from '../../src/memory/memorySource.ts'
import { FatalError, FencedError, RetriableError } from '../../src/openErrors.ts'
import { memorySink } from '../../src/sinks/memorySink.ts'
import { start, upper } from './running.ts'

async function storyAfter(error: Error, restart = fixedDelay({ attempts: 1, delay: 10 })) {
  const into = memorySink<string>()
  const open = async () => Promise.reject(error)
  const running = start(upper(memorySource<string>(), { ...into, open }), { restart })
  await running.clock.advanceAsync(20_000)
  return running.story().filter((word) => word.startsWith('restarting') || word.startsWith('failed'))
}

describe('an attempt that ended', () => {
  it('fenced is followed by the next one after a second at least', async () => {
    const fenced = new FencedError('PRODUCER_FENCED', 'somebody else has the id')
    expect(await storyAfter(fenced)).toEqual(['restarting PRODUCER_FENCED 1000', 'failed PRODUCER_FENCED'])
    const later = fixedDelay({ attempts: 1, delay: 4_000 })
    expect(await storyAfter(fenced, later)).toEqual(['restarting PRODUCER_FENCED 4000', 'failed PRODUCER_FENCED'])
    expect(await storyAfter(fenced, noRestart())).toEqual(['failed PRODUCER_FENCED'])
  })

  it('for another reason is followed by the next one as the strategy says, or by none', async () => {
    expect(await storyAfter(new RetriableError('NO_LEADER', 'none'))).toEqual([
      'restarting NO_LEADER 10',
      'failed NO_LEADER',
    ])
    expect(await storyAfter(new FatalError('BAD_OPTION', 'wrong'))).toEqual(['failed BAD_OPTION'])
    expect(await storyAfter(new FencedError('OWNED_BY_ANOTHER', 'it goes on elsewhere'))).toEqual([
      'failed OWNED_BY_ANOTHER',
    ])
  })
})
