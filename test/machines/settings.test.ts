import { expect, it } from 'vitest'
import { settingsOf, usage } from './settings.ts'
import { line } from './site.ts'
import { wordsOf } from './verdict.ts'

it('the command line has defaults, numbers, and one line for what is wrong', () => {
  expect(settingsOf(['--shards', '20', '--only', 'killed', '--loopback'])).toMatchObject({
    ...{ shards: 20, only: 'killed', rounds: 1, machines: false },
  })
  expect(() => settingsOf(['--shards', '0'])).toThrow(/--shards must be a whole number from 1/)
  expect(() => settingsOf(['--nonsense'])).toThrow(usage)
})

it('each line has three words of letters, all of which are counted', () => {
  const lines = Array.from({ length: 2_000 }, (_, at) => line(at))
  expect(lines.every((one) => wordsOf(one).length === 3)).toBe(true)
  expect(new Set(lines.flatMap(wordsOf)).size).toBe(1_000)
})
